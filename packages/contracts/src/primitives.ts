import { z } from 'zod';
import { type FieldCode, withCode } from './errors.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const random = new Uint8Array(16 * 64);
let offset = random.length;
let lastMs = 0;
let sequence = 0;

/**
 * A new UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, a 12-bit counter that keeps the ids of
 * one process ordered within a millisecond, 62 random bits.
 */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    sequence = 0;
  } else if (++sequence > 0xfff) {
    // The counter is full: borrow the next millisecond, as RFC 9562 6.2 allows.
    lastMs++;
    sequence = 0;
  }
  if (offset + 8 > random.length) {
    crypto.getRandomValues(random);
    offset = 0;
  }
  const r = random.subarray(offset, offset + 8);
  offset += 8;
  const ms = lastMs;
  const high = Math.floor(ms / 0x10000);
  const h = (byte: number) => HEX[byte & 0xff];
  return (
    `${h(high >>> 24)}${h(high >>> 16)}${h(high >>> 8)}${h(high)}-${h(ms >>> 8)}${h(ms)}-` +
    `${h(0x70 | (sequence >>> 8))}${h(sequence)}-${h(0x80 | (r[0]! & 0x3f))}${h(r[1]!)}-` +
    `${h(r[2]!)}${h(r[3]!)}${h(r[4]!)}${h(r[5]!)}${h(r[6]!)}${h(r[7]!)}`
  );
}

/** Unix milliseconds held in a UUIDv7, or null when the text is not one. */
export function uuidv7Time(id: string): number | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id)) return null;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Text of a pattern. Its issues carry a field code as format; documents show the pattern. */
export const matching = (format: FieldCode, pattern: RegExp) =>
  z.stringFormat(format, pattern).meta({ format: undefined, pattern: pattern.source });

// A schema never changes, and each takes 1 kB. So the frequent ones are made once.
const anyUuid = z
  .stringFormat('uuid', /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/)
  .toLowerCase()
  .meta({ format: 'uuid' });
const anyTime = z.iso.datetime().refine((time) => !time.startsWith('0000'), withCode('datetime'));
const anyPhone = matching('phone', /^\+[1-9]\d{1,14}$/);
const trimmed = z.string().trim().min(1);
const texts = new Map<number, z.ZodString>();

/** Any UUID text, lower-cased, so that one entity never has two spellings. */
export const uuid = () => anyUuid;

/** ISO 8601 UTC time with `Z`, from the year 1 on: Postgres has no year 0. */
export const isoTime = () => anyTime;

/** E.164 phone with its plus sign, as stored. */
export const e164 = () => anyPhone;

/** Trimmed text of 1 to `max` characters. */
export function text(max: number): z.ZodString {
  const schema = texts.get(max) ?? trimmed.max(max);
  texts.set(max, schema);
  return schema;
}

/** Unicode characters: an emoji of one code point counts once, though UTF-16 has two units. */
export function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The same, counted as WhatsApp counts: in Unicode characters. */
export const characters = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .superRefine((value, context) => {
      if (charactersOf(value) <= max) return;
      context.addIssue({ code: 'too_big', origin: 'string', maximum: max, inclusive: true, input: value });
    })
    .meta({ maxLength: max });

// Keyboards leave out signs that the Unicode list of emojis has, such as the one that colours ❤.
const PICTURE = String.raw`\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?`;
const ONE_EMOJI = new RegExp(String.raw`^(?:\p{RGI_Emoji}|${PICTURE}(?:\u200D${PICTURE})*)$`, 'v');

/** One emoji. */
export const emoji = () =>
  z
    .string()
    .refine((value) => ONE_EMOJI.test(value), withCode('emoji'))
    .meta({ maxLength: 64 });

/** Spaces around it are a slip of the clipboard or of a phone's keyboard. */
export const email = () => z.string().trim().toLowerCase().max(254).check(z.email());

/**
 * Spaces of any kind, dashes, and marks that are not seen: what people and authenticators put
 * between digits.
 */
const CODE_FILLING = /[\p{White_Space}\p{Dash}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * A second-factor code without separators: six digits of an authenticator, or twelve characters of
 * a backup code. Anything else is a malformed field and not a failed try.
 */
export const factorCode = () =>
  z
    .string()
    .max(64)
    .overwrite((given) => given.replace(CODE_FILLING, ''))
    .refine((code) => /^(?:\d{6}|[a-z\d]{12})$/i.test(code), withCode('factor_code'));

/** At most 256: Argon2 reads any length. `tooShort`: an edition's own sentence. */
export const password = (tooShort?: string) => z.string().min(8, tooShort).max(256);

/** The operator's code to register with, where an installation wants one. */
export const invitationCode = () => z.string().min(1).max(256);

/**
 * The code of a mail that proves an address: eight digits. Spaces and dashes are how people type
 * it.
 */
export const proofCode = () =>
  z
    .string()
    .max(64)
    .overwrite((given) => given.replace(/[\s-]/g, ''))
    .refine((code) => /^\d{8}$/.test(code), withCode('proof_code'));

export const slug = () => matching('slug', /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);

/** Comma-separated or repeated ids in a query, at most `max`. */
export const idList = (max = 200) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter(Boolean) : value),
    z.array(uuid()).max(max),
  );

/** Digits to look for in phones, with or without the signs that people write between them. */
export const phonePart = () =>
  z
    .string()
    .trim()
    .max(32)
    .regex(/^\+?\d[\d\s().-]{2,}$/);

/** A page by number, as most documents have it. `limit` in rows. */
export const pageQuery = {
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
};

/** Begins a walk by cursor. So does an empty one. */
export const FIRST_CURSOR = 'start';
/** A chat's first cursor names the hundred chats of its page. */
export const MAX_CURSOR = 8192;

/** A page by number, or the rows after a cursor, which beats the number. */
export const cursor = () => z.string().max(MAX_CURSOR).optional();
export const walkQuery = { ...pageQuery, cursor: cursor() };

/** Of lists that count to a limit. */
export const totalIsCapped = (counts: string, total = 'total') =>
  z.literal(true).optional().describe(`There are more than \`${total}\`, which counts ${counts}`);

/**
 * A page of a list that can be walked. `nextCursor`: of the rows that follow; null after the last.
 */
export const walked = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), total: z.number().int(), nextCursor: z.string().nullable() });

export const EDITIONS = ['saas', 'crm', 'bots', 'inbox', 'scheduler'] as const;
export const edition = () => z.enum(EDITIONS);
export type Edition = (typeof EDITIONS)[number];

export const ROLES = ['admin', 'supervisor', 'agent'] as const;
export const role = () => z.enum(ROLES);
export type Role = (typeof ROLES)[number];

/** For `refine`, with `no_fields`: a change names a field at least. */
export const oneOrMore = (body: object): boolean => Object.keys(body).length > 0;

/** The smallest UUIDv7 of a moment. Ids follow the time, so a key finds what is newer by it. */
export function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
