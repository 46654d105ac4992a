import { type Cursor, decodeCursor, encodeCursor, planResume } from './cursor.ts';
import type { Feed } from './feed.ts';
import type { Hub } from './hub.ts';
import type { SeenEvents } from './seen-events.ts';
import type { RealtimeSession } from './types.ts';

/**
 * A replay starts a little before its cursor: commits land out of order, so an event the client saw may carry a later
 * time than its cursor's. Should the outboxes publish everything again, these count as shown.
 */
const SEED = 500;

export interface ResumeOptions {
  session: RealtimeSession;
  /** What the client gave as its last event id. */
  lastEventId: unknown;
  hub: Hub;
  feed: Feed;
  seen: SeenEvents;
}

/**
 * Brings a new session up to date and lets it go live, without loss or repetition at the seam. The client hears
 * `session:ready` with the place it starts from, or `session:resync` when what it missed is gone and it must fetch.
 * Throws while the stream can't be asked; the session is then to be closed, and the client tries again.
 */
export async function resume({ session, lastEventId, hub, feed, seen }: ResumeOptions): Promise<void> {
  // From here on everything is kept back for it: what is published while we read belongs behind what we read.
  hub.add(session);
  const window = await feed.window();
  const cursor = decodeCursor(lastEventId);
  const plan = lastEventId && !cursor ? { kind: 'resync' as const } : planResume(cursor, window);
  if (plan.kind === 'replay' && cursor) {
    const reached = await replay({ session, hub, feed, seen, cursor });
    if (reached) return hub.goLive(session, reached);
  }
  const here: Cursor = { incarnation: window.incarnation, seq: window.lastSeq };
  const resync = plan.kind !== 'live';
  session.send(resync ? 'session:resync' : 'session:ready', {
    eventId: encodeCursor(here),
    resumed: plan.kind === 'live' && cursor !== null,
  });
  await hub.goLive(session, here);
}

/** Where the replay got to, or null when the stream became another one meanwhile. */
async function replay({
  session,
  hub,
  feed,
  seen,
  cursor,
}: Omit<ResumeOptions, 'lastEventId'> & { cursor: Cursor }): Promise<Cursor | null> {
  const { upTo, incarnation, events } = await feed.replay(session.tenantId, Math.max(1, cursor.seq + 1 - SEED));
  if (incarnation !== cursor.incarnation) return null;
  session.send('session:ready', { eventId: encodeCursor(cursor), resumed: true });
  for await (const event of events) {
    seen.add(event.id);
    if (!event.cursor || event.cursor.seq <= cursor.seq) {
      session.since = Math.min(session.since, Date.parse(event.time));
      continue;
    }
    await hub.replay(session, event);
  }
  return { incarnation, seq: upTo };
}
