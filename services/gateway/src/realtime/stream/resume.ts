import type { Hub } from '../hub/hub.ts';
import type { RealtimeEvent, RealtimeSession } from '../types.ts';
import {
  type Cursor,
  decodeCursor,
  encodeCursor,
  endOf,
  isReached,
  type Place,
  planResume,
  STREAMS,
  type StreamKey,
  type StreamPlan,
} from './cursor.ts';
import type { Feed } from './feed.ts';

export interface ResumeOptions {
  session: RealtimeSession;
  /** What the client gave as its last event id. */
  lastEventId: unknown;
  hub: Hub;
  feed: Feed;
  /** Present states that every client gets, before the events that follow. Never throws. */
  presentStates(session: RealtimeSession): Promise<RealtimeEvent[]>;
}

/** Events of one replay that are made into frames together. */
const CHUNK = 64;

/**
 * Makes a new session live without loss or repetition. The client gets `session:ready`, or
 * `session:resync` when it must fetch.
 * @throws while the streams do not answer: then close the session, and the client tries again
 */
export async function resume(options: ResumeOptions): Promise<void> {
  const { session, lastEventId, hub, feed } = options;
  // From here on everything is kept back for it: what is published while we read belongs behind
  // what we read.
  hub.add(session);
  await feed.wake();
  const windows = await feed.windows();
  const here = endOf(windows);
  const cursor = decodeCursor(lastEventId);
  if (lastEventId && !cursor) return resync(options, here);
  if (!cursor) {
    session.send('session:ready', { eventId: encodeCursor(here), resumed: false });
    return goLiveFrom(options, here);
  }
  const plans = STREAMS.map((stream) => [stream, planResume(cursor[stream], windows[stream])] as const);
  if (plans.some(([, plan]) => plan.kind === 'resync')) return resync(options, here);
  // While 72 hours are published again it is unknown what of it this client has seen.
  if (await feed.recovering(windows)) return resync(options, here);
  session.send('session:ready', { eventId: encodeCursor(cursor), resumed: true });
  session.since = feed.knownSince();
  const reached = await replay(options, cursor, here, plans);
  return reached ? goLiveFrom(options, reached) : resync(options, endOf(await feed.windows()));
}

/** The client gets a resync; its fetch includes events from before this moment. */
function resync(options: ResumeOptions, here: Cursor): Promise<void> {
  const { session } = options;
  session.since = Date.now();
  session.send('session:resync', { eventId: encodeCursor(here), resumed: false });
  return goLiveFrom(options, here);
}

async function goLiveFrom({ session, hub, presentStates }: ResumeOptions, reached: Cursor): Promise<void> {
  const states = await presentStates(session);
  await hub.replay(
    session,
    states.map((state) => ({ ...state, cursor: reached })),
  );
  return hub.goLive(session, reached);
}

/**
 * Where the replay of all streams got to; null when one was lost between the client's cursor and
 * now.
 */
async function replay(
  options: ResumeOptions,
  cursor: Cursor,
  here: Cursor,
  plans: readonly (readonly [StreamKey, StreamPlan])[],
): Promise<Cursor | null> {
  let reached: Cursor = cursor;
  for (const [stream, plan] of plans) {
    const place = plan.kind === 'replay' ? await replayStream(options, reached, stream, plan.fromSeq) : here[stream]!;
    if (!place) return null;
    reached = { ...reached, [stream]: place };
  }
  return reached;
}

/** Where the replay of one stream got to; null when the stream was lost. */
async function replayStream(
  { session, hub, feed }: ResumeOptions,
  before: Cursor,
  stream: StreamKey,
  fromSeq: number,
): Promise<Place | null> {
  const start = before[stream]!;
  const { upTo, generation, events } = await feed.replay(stream, session.tenantId, fromSeq);
  if (generation !== start.generation) return null;
  let chunk: RealtimeEvent[] = [];
  for await (const event of events) {
    // It stood in the lost stream too, perhaps: the client may have it.
    if (event.republished) return null;
    // Of the message it stopped in the client has the beginning.
    if (isReached(event.place, start)) continue;
    chunk.push({ ...event, cursor: { ...before, [stream]: event.place } });
    if (chunk.length < CHUNK) continue;
    await hub.replay(session, chunk);
    chunk = [];
  }
  await hub.replay(session, chunk);
  return { generation, seq: upTo };
}
