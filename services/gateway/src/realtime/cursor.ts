/** A place in the stream of one tenant's events that a client can come back to: which life of the stream, and where in it. */
export interface Cursor {
  /** The stream's incarnation: changes when JetStream's store was lost and the stream made anew. */
  incarnation: string;
  /** Sequence of a message in the stream, from 1. */
  seq: number;
  /** Of several events in that message the one, from 0; absent for the last of them: then the message is done. */
  index?: number;
}

/** `<incarnation>-<seq>` or `<incarnation>-<seq>.<index>`; opaque to clients, who see it as `eventId`. */
export function encodeCursor({ incarnation, seq, index }: Cursor): string {
  return index === undefined ? `${incarnation}-${seq}` : `${incarnation}-${seq}.${index}`;
}

/** Null for anything that encodeCursor can't have made. */
export function decodeCursor(text: unknown): Cursor | null {
  if (typeof text !== 'string' || text.length > 128) return null;
  const match = /^([A-Za-z0-9]{1,64})-(\d{1,15})(?:\.(\d{1,4}))?$/.exec(text);
  if (!match) return null;
  const cursor = { incarnation: match[1]!, seq: Number(match[2]) };
  return match[3] === undefined ? cursor : { ...cursor, index: Number(match[3]) };
}

/** Whether whoever is at `place` has had the event of `cursor`. Of different lives of the stream nobody can say: no. */
export function isReached(cursor: Cursor, place: Cursor): boolean {
  if (cursor.incarnation !== place.incarnation) return false;
  if (cursor.seq !== place.seq) return cursor.seq < place.seq;
  return place.index === undefined || (cursor.index !== undefined && cursor.index <= place.index);
}

/** What the stream holds now. */
export interface StreamWindow {
  incarnation: string;
  firstSeq: number;
  lastSeq: number;
}

/** One resume replays at most so many messages of all tenants' stream; a client further behind is told to fetch afresh. */
export const REPLAY_LIMIT = 50_000;

/**
 * How a client that names its last event is served: from there, or told to resync because what it missed
 * is gone (another life of the stream, expired rows, too far behind, or a place that doesn't exist yet).
 */
export function planResume(
  cursor: Cursor | null,
  window: StreamWindow,
): { kind: 'live' } | { kind: 'replay'; fromSeq: number } | { kind: 'resync' } {
  if (!cursor) return { kind: 'live' };
  if (cursor.incarnation !== window.incarnation) return { kind: 'resync' };
  // In the middle of a message the rest of it is still to come.
  const fromSeq = cursor.index === undefined ? cursor.seq + 1 : cursor.seq;
  if (cursor.seq > window.lastSeq || fromSeq < window.firstSeq) return { kind: 'resync' };
  if (window.lastSeq - cursor.seq > REPLAY_LIMIT) return { kind: 'resync' };
  return fromSeq > window.lastSeq ? { kind: 'live' } : { kind: 'replay', fromSeq };
}
