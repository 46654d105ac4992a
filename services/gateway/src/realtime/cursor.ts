/** A place in the stream of one tenant's events that a client can come back to: which life of the stream, and where in it. */
export interface Cursor {
  /** The stream's incarnation: changes when JetStream's store was lost and the stream made anew. */
  incarnation: string;
  /** Stream sequence, from 1. */
  seq: number;
}

/** `<incarnation>-<seq>`; opaque to clients, who see it as `eventId`. */
export function encodeCursor(cursor: Cursor): string {
  return `${cursor.incarnation}-${cursor.seq}`;
}

/** Null for anything that encodeCursor can't have made. */
export function decodeCursor(text: unknown): Cursor | null {
  if (typeof text !== 'string' || text.length > 128) return null;
  const match = /^([A-Za-z0-9]{1,64})-(\d{1,15})$/.exec(text);
  return match ? { incarnation: match[1]!, seq: Number(match[2]) } : null;
}

/** What the stream holds now. */
export interface StreamWindow {
  incarnation: string;
  firstSeq: number;
  lastSeq: number;
}

/** One resume replays at most so many events of all tenants' stream; a client further behind is told to fetch afresh. */
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
  if (cursor.seq > window.lastSeq || cursor.seq + 1 < window.firstSeq) return { kind: 'resync' };
  if (window.lastSeq - cursor.seq > REPLAY_LIMIT) return { kind: 'resync' };
  return cursor.seq === window.lastSeq ? { kind: 'live' } : { kind: 'replay', fromSeq: cursor.seq + 1 };
}
