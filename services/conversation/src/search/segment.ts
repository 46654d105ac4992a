import { tokensOf } from './words.ts';

/** Messages of a segment: a lexeme of Postgres has 255 positions at most. */
export const SEGMENT_SIZE = 250;
/** A tsvector takes 1 MiB. */
const MAX_BYTES = 400_000;

/** The same, for one whose messages were edited. */
const MAX_EDITED_BYTES = 600_000;

const bytesOf = (word: string, known: unknown): number => (known ? 2 : 16 + 2 * word.length);

/** A message as the index reads it. */
export interface Indexed {
  id: string;
  content: string;
  sentTime: Date;
}

/** What a segment holds, as its row has it. */
export interface Segment {
  messageIds: string[];
  words: string;
  oldestAt: Date;
  newestAt: Date;
}

/** Letters of `tagOf`. */
const TAG = 5;

/**
 * The tenant's part of a lexeme, so that a word has the messages of one tenant alone. Two tenants
 * may share one: queries name the tenant all the same.
 */
const tagOf = (tenantId: string): string =>
  Number.parseInt(tenantId.replaceAll('-', '').slice(-10), 16).toString(36).slice(-TAG).padStart(TAG, '0');

/** A word as the index has it. */
export const lexemeOf = (tenantId: string, word: string): string => tagOf(tenantId) + word;

/** Segments of messages, in their order. */
export function segmentsOf(tenantId: string, messages: readonly Indexed[]): Segment[] {
  const tag = tagOf(tenantId);
  const segments: Segment[] = [];
  let open: Indexed[] = [];
  let places = new Map<string, number[]>();
  let bytes = 0;
  const close = () => {
    if (open.length > 0) segments.push(toSegment(tag, open, places));
    open = [];
    places = new Map();
    bytes = 0;
  };
  for (const message of messages) {
    if (open.length === SEGMENT_SIZE || bytes > MAX_BYTES) close();
    open.push(message);
    for (const word of new Set(tokensOf(message.content).map((token) => token.word))) {
      const known = places.get(word);
      if (known) known.push(open.length);
      else places.set(word, [open.length]);
      bytes += bytesOf(word, known);
    }
  }
  close();
  return segments;
}

const wordsText = (tag: string, places: ReadonlyMap<string, number[]>): string =>
  [...places].map(([word, at]) => `'${tag}${word}':${at.join(',')}`).join(' ');

function toSegment(tag: string, messages: readonly Indexed[], places: ReadonlyMap<string, number[]>): Segment {
  const times = messages.map(({ sentTime }) => sentTime.getTime());
  return {
    messageIds: messages.map(({ id }) => id),
    words: wordsText(tag, places),
    oldestAt: new Date(Math.min(...times)),
    newestAt: new Date(Math.max(...times)),
  };
}

/**
 * The words of messages that stay in one segment, each in its place. Edits may have brought more
 * than fit: then the last words are left out, and nothing is found by them.
 */
export function wordsOf(tenantId: string, messages: readonly Pick<Indexed, 'content'>[]): string {
  const places = new Map<string, number[]>();
  let bytes = 0;
  for (const [i, { content }] of messages.entries()) {
    if (bytes > MAX_EDITED_BYTES) break;
    for (const word of new Set(tokensOf(content).map((token) => token.word))) {
      const known = places.get(word);
      if (bytes > MAX_EDITED_BYTES) break;
      bytes += bytesOf(word, known);
      if (known) known.push(i + 1);
      else places.set(word, [i + 1]);
    }
  }
  return wordsText(tagOf(tenantId), places);
}

/**
 * A condition of Postgres on the words of a segment: `&`: it has them all, in whichever messages;
 * `<0>`: in one message.
 */
export const queryOf = (
  tenantId: string,
  words: readonly { word: string; prefix: boolean }[],
  together: '&' | '<0>',
): string =>
  words.map(({ word, prefix }) => `'${lexemeOf(tenantId, word)}'${prefix ? ':*' : ''}`).join(` ${together} `);
