import { type Cursor, decodeCursor, encodeCursor, isReached, planResume, type StreamWindow } from './cursor.ts';
import type { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import type { RealtimeSession } from './types.ts';

export interface ResumeOptions {
  session: RealtimeSession;
  /** What the client gave as its last event id. */
  lastEventId: unknown;
  hub: Hub;
  feed: Feed;
}

/**
 * Brings a new session up to date and lets it go live, without loss or repetition at the seam. The client hears
 * `session:ready` with the place it starts from, or `session:resync` when what it missed is gone, or can't be told from
 * what it has: then it must fetch. Throws while the stream can't be asked; the session is then to be closed, and the
 * client tries again.
 */
export async function resume({ session, lastEventId, hub, feed }: ResumeOptions): Promise<void> {
  // From here on everything is kept back for it: what is published while we read belongs behind what we read.
  hub.add(session);
  await feed.wake();
  const window = await feed.window();
  const cursor = decodeCursor(lastEventId);
  const plan = lastEventId && !cursor ? { kind: 'resync' as const } : planResume(cursor, window);
  const here: Cursor = { incarnation: window.incarnation, seq: window.lastSeq };
  if (plan.kind === 'resync') return fetchAndGoOn(session, hub, here);
  if (!cursor) {
    session.send('session:ready', { eventId: encodeCursor(here), resumed: false });
    return hub.goLive(session, here);
  }
  // While 72 hours are published again nobody knows what of it this client has seen.
  if (await feed.recovering(window)) return fetchAndGoOn(session, hub, here);
  session.send('session:ready', { eventId: encodeCursor(cursor), resumed: true });
  session.since = feed.knownSince();
  const reached = plan.kind === 'live' ? here : await replay(session, hub, feed, cursor, plan.fromSeq);
  if ('seq' in reached) return hub.goLive(session, reached);
  const now = reached.resyncAt;
  return fetchAndGoOn(session, hub, { incarnation: now.incarnation, seq: now.lastSeq });
}

/** The client is told to fetch; events from before this moment are in what it will get. */
function fetchAndGoOn(session: RealtimeSession, hub: Hub, here: Cursor): Promise<void> {
  session.since = Date.now();
  session.send('session:resync', { eventId: encodeCursor(here), resumed: false });
  return hub.goLive(session, here);
}

/** Where the replay got to; or where the client must fetch, because the stream was lost between its cursor and now. */
async function replay(
  session: RealtimeSession,
  hub: Hub,
  feed: Feed,
  cursor: Cursor,
  fromSeq: number,
): Promise<Cursor | { resyncAt: StreamWindow }> {
  const { upTo, incarnation, events } = await feed.replay(session.tenantId, fromSeq);
  if (incarnation === cursor.incarnation) {
    let complete = true;
    for await (const event of events) {
      // It stood in the lost stream too, perhaps: the client may have it.
      complete = !event.republished;
      if (!complete) break;
      // Of the message it stopped in the client has the beginning.
      if (event.cursor && isReached(event.cursor, cursor)) continue;
      await hub.replay(session, event);
    }
    if (complete) return { incarnation, seq: upTo };
  }
  return { resyncAt: await feed.window() };
}
