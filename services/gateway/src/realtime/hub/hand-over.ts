import { advance, type Cursor, encodeCursor, isReached, STREAMS } from '../stream/cursor.ts';
import type { Frame, RealtimeEvent } from '../types.ts';
import type { FramesOf, Judge } from './frames.ts';
import type { Member } from './members.ts';

/** Kept back for one session; one that needs more comes back with its cursor. */
const MAX_KEPT_BACK = 5_000;

/** Makes a frame's payload with the id of where a client is that got it. */
export type Share = (frame: Frame, isLast: boolean) => Record<string, unknown>;

/** Payloads with the event's own id, each made once for all members at that place. */
export function createShare({ stream, previous }: RealtimeEvent, cursor: Cursor | null): Share {
  const made = new Map<Frame, Record<string, unknown>>();
  return (frame, isLast) => {
    let payload = made.get(frame);
    if (!payload) {
      const place = cursor && previous && !isLast ? { ...cursor, [stream]: previous } : cursor;
      payload = { ...frame.payload, eventId: place && encodeCursor(place) };
      made.set(frame, payload);
    }
    return payload;
  };
}

/** Sends a member those frames of an event that it may see and has not had. */
export function handOver(member: Member, event: RealtimeEvent, frames: FramesOf, judge: Judge, share: Share): void {
  const { session, kind } = member;
  const place = event.cursor?.[event.stream];
  const had = member.reached?.[event.stream];
  if (place && had && isReached(place, had)) return;
  let seal = share;
  if (member.reached && event.cursor) {
    const reached = advance(member.reached, event.cursor);
    member.reached = isPast(event.cursor, member.reached) ? null : reached;
    seal = createShare(event, reached);
  }
  const said = frames(session.edition);
  for (const frame of said) {
    if (judge(session.caller, kind, frame.needs)) session.send(frame.name, seal(frame, frame === said.at(-1)));
  }
}

/** Keeps an event for a member that still catches up. */
export function keepBack(member: Member, waiting: RealtimeEvent[], event: RealtimeEvent): void {
  waiting.push(event);
  if (waiting.length <= MAX_KEPT_BACK) return;
  member.waiting = [];
  member.session.close('unavailable');
}

/**
 * Whether an event's cursor is nowhere behind a place: from then on the feed alone says where the
 * client is.
 */
function isPast(cursor: Cursor, place: Cursor): boolean {
  return STREAMS.every((stream) => {
    const [mine, theirs] = [cursor[stream], place[stream]];
    return !theirs || (mine !== undefined && (mine.generation !== theirs.generation || isReached(theirs, mine)));
  });
}
