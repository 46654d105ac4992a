/**
 * Of which streams a client's place is known: messages and conversations, notifications, states of
 * channels.
 */
export const STREAMS = ['main', 'notifications', 'channels'] as const;
export type StreamKey = (typeof STREAMS)[number];

/** A place in one stream: in which generation of the stream, and where in it. */
export interface Place {
  /** Changes when JetStream's store was lost and the stream was created again. */
  generation: string;
  /** Sequence of a message in the stream, from 1. */
  seq: number;
  /**
   * Of several events in that message the one, from 0; absent for the last of them: then the
   * message is done.
   */
  index?: number;
}

/** A client's place in each stream. Cursors of older versions name the main stream alone. */
export type Cursor = { main: Place } & { [K in StreamKey]?: Place };

const LETTERS = { notifications: 'n', channels: 'c' } as const;
const BESIDE = Object.keys(LETTERS) as (keyof typeof LETTERS)[];
const MAX_LENGTH = 512;

/**
 * `<place>` of the main stream, then `_n<place>` and `_c<place>`; opaque to clients, who see it as
 * `eventId`.
 */
export function encodeCursor(cursor: Cursor): string {
  let text = encodePlace(cursor.main);
  for (const stream of BESIDE) {
    const place = cursor[stream];
    if (place) text += `_${LETTERS[stream]}${encodePlace(place)}`;
  }
  return text;
}

/** `<generation>-<seq>` or `<generation>-<seq>.<index>`. */
function encodePlace({ generation, seq, index }: Place): string {
  return index === undefined ? `${generation}-${seq}` : `${generation}-${seq}.${index}`;
}

/** Null for anything that encodeCursor can't have made. */
export function decodeCursor(text: unknown): Cursor | null {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return null;
  const [first = '', ...rest] = text.split('_');
  const main = decodePlace(first);
  if (!main) return null;
  const cursor: Cursor = { main };
  for (const part of rest) {
    const stream = BESIDE.find((name) => LETTERS[name] === part[0]);
    const place = decodePlace(part.slice(1));
    if (!stream || !place || cursor[stream]) return null;
    cursor[stream] = place;
  }
  return cursor;
}

function decodePlace(text: string): Place | null {
  const match = /^([A-Za-z0-9]{1,64})-(\d{1,15})(?:\.(\d{1,4}))?$/.exec(text);
  if (!match) return null;
  const place = { generation: match[1]!, seq: Number(match[2]) };
  return match[3] === undefined ? place : { ...place, index: Number(match[3]) };
}

/**
 * Whether a client at `place` has had the event of `event`. Of different generations this can't be
 * known: no.
 */
export function isReached(event: Place, place: Place): boolean {
  if (event.generation !== place.generation) return false;
  if (event.seq !== place.seq) return event.seq < place.seq;
  return place.index === undefined || (event.index !== undefined && event.index <= place.index);
}

/**
 * The place of a client that was at `before` and has now got the event at `event`: never behind
 * either.
 */
export function advance(before: Cursor, event: Cursor): Cursor {
  const after: Cursor = { ...before };
  for (const stream of STREAMS) {
    const place = event[stream];
    if (place && !(after[stream] && isReached(place, after[stream]))) after[stream] = place;
  }
  return after;
}

/** What a stream holds now. */
export interface StreamWindow {
  generation: string;
  firstSeq: number;
  lastSeq: number;
}

export type StreamWindows = Record<StreamKey, StreamWindow>;

/** The end of every stream. */
export function endOf(windows: StreamWindows): Cursor {
  const place = ({ generation, lastSeq }: StreamWindow): Place => ({ generation, seq: lastSeq });
  return {
    main: place(windows.main),
    notifications: place(windows.notifications),
    channels: place(windows.channels),
  };
}

/**
 * One resume replays at most this many messages of all tenants. A client further behind gets a
 * resync.
 */
export const REPLAY_LIMIT = 50_000;

export type StreamPlan = { kind: 'live' } | { kind: 'replay'; fromSeq: number } | { kind: 'resync' };

/**
 * How a client resumes one stream: at its place, or at the end without one. A resync when the place
 * is of another generation, expired, too far behind, or does not exist yet.
 */
export function planResume(place: Place | undefined, window: StreamWindow): StreamPlan {
  if (!place) return { kind: 'live' };
  if (place.generation !== window.generation) return { kind: 'resync' };
  // In the middle of a message the rest of it is still to come.
  const fromSeq = place.index === undefined ? place.seq + 1 : place.seq;
  if (place.seq > window.lastSeq || fromSeq < window.firstSeq) return { kind: 'resync' };
  if (window.lastSeq - place.seq > REPLAY_LIMIT) return { kind: 'resync' };
  return fromSeq > window.lastSeq ? { kind: 'live' } : { kind: 'replay', fromSeq };
}
