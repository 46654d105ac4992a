import { createHash } from 'node:crypto';
import { cutText } from '@recado/service-kit';

type Json = Record<string, unknown>;

/**
 * Characters kept of any one string. WhatsApp texts end at 4,096 (65,536 in odd clients); the rest
 * is noise or an attack.
 */
export const MAX_STRING = 65_536;
/**
 * Levels kept of nested JSON: deeper ones overflow the stack of serialisers and of Postgres' jsonb.
 */
export const MAX_DEPTH = 32;
/** Characters of JSON kept of one item's metadata; an event must stay far below NATS' 1 MB. */
export const MAX_METADATA = 200_000;
/**
 * The longest provider id that is kept unchanged: ids are in unique indexes, whose rows end at 2.7
 * kB.
 */
const MAX_ID = 200;

/** Below this size a text cannot nest deep enough to do harm, and holds no string worth cutting. */
const SMALL = 4096;
// U+0000 is refused by Postgres' text and jsonb, a lone surrogate by jsonb; both reach us as JSON
// escapes only.
const SUSPECT = /\\u(?:0000|d[89a-f])/i;

/**
 * Parses untrusted JSON and makes it storable: no NUL, lone surrogates or `__proto__`, limited
 * strings and depth. Small bodies cost one regular expression.
 * @throws SyntaxError when it is not JSON
 */
export function parseForeignJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const suspect = text.length > SMALL || (text.includes('\\u') && SUSPECT.test(text)) || text.includes('__proto__');
  return suspect ? cleanJson(value) : value;
}

/** A copy of a JSON value that any store takes. */
export function cleanJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, depth + 1));
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === '__proto__') continue;
    out[cleanText(key)] = cleanJson((value as Record<string, unknown>)[key], depth + 1);
  }
  return out;
}

/**
 * A string without NUL and lone surrogates, of at most `max` UTF-16 units, cut between characters.
 */
export function cleanText(text: string, max = MAX_STRING): string {
  let clean = text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
  clean = cutText(clean, max);
  return clean.isWellFormed() ? clean : clean.toWellFormed();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/g;

/**
 * A provider's id without control characters; of an endless one its beginning and digest: still one
 * id for one id.
 */
export function cleanId(id: string): string {
  const clean = cleanText(id).replace(CONTROL, '\uFFFD');
  if (clean.length <= MAX_ID) return clean;
  return `${cleanText(clean, MAX_ID - 64)}#${sha256(id).slice(0, 48)}`;
}

/**
 * An id for an item that came without one: the same item gives the same id, so that repeats are
 * recognised.
 */
export function idOfContent(item: unknown): string {
  return `content:${sha256(JSON.stringify(item) ?? 'undefined').slice(0, 48)}`;
}

/** Metadata that fits an event; of a giant only the beginning of its JSON is kept, as text. */
export function fitMetadata(metadata: Json, max = MAX_METADATA): Json {
  const json = JSON.stringify(metadata);
  return json.length <= max ? metadata : clip(json, max);
}

/** Details and metadata that fit an event together. What is known outlives the unknown fields. */
export function fitDetails<D extends { raw?: Json | undefined }>(
  details: D | null,
  metadata: Json | null,
): { details: D | null; metadata: Json | null } {
  if (details === null) return { details, metadata: metadata && fitMetadata(metadata) };
  const half = MAX_METADATA / 2;
  let [kept, { length }] = [details, JSON.stringify(details)];
  if (length > half) {
    const { raw, ...known } = details;
    const knownLength = JSON.stringify(known).length;
    const json = JSON.stringify(knownLength < half / 2 ? raw : details);
    kept = { ...(knownLength < half / 2 ? known : {}), raw: clip(json, half / 2) } as D;
    length = half;
  }
  return { details: kept, metadata: metadata && fitMetadata(metadata, MAX_METADATA - length) };
}

/** Bytes of JSON that lists of people take in one event. The largest groups need a third of it. */
const MAX_PEOPLE_BYTES = 500_000;

/** People that fit an event: a list without an end would make one that cannot be stored. */
export function fitPeople<P>(people: readonly P[]): P[] {
  let room = MAX_PEOPLE_BYTES;
  const tooFar = people.findIndex((one) => {
    room -= Buffer.byteLength(JSON.stringify(one));
    return room < 0;
  });
  return people.slice(0, tooFar < 0 ? people.length : tooFar);
}

const clip = (json: string, max: number): Json => ({ clipped: true, json: cleanText(json, max) });

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
