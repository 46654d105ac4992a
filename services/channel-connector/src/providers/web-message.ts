import type {
  AboutMessage,
  EventData,
  GroupMember,
  MessageDetails,
  messageReceived,
  RecipientAddress,
} from '@recado/contracts';
import { cleanId, cleanText } from '../webhooks/clean.ts';
import type { GroupFacts } from './news.ts';
import type { Answer } from './own-server.ts';
import type { InboundMessage, Outcome } from './provider.ts';

/** What providers that link a phone by WhatsApp Web have in common. */
export type Json = Record<string, unknown>;
export type MessageType = EventData<typeof messageReceived>['type'];

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
export const objectOf = (value: unknown): Json => (isObject(value) ? value : {});

/** Texts in lines; anything else is left out. */
export const linesOf = (...parts: unknown[]): string => parts.map(textOf).filter(Boolean).join('\n');

/** An address, also one that came as the object of WhatsApp's own programs. */
export function addressIn(value: unknown): string | undefined {
  if (!isObject(value)) return textOf(value);
  const [user, server] = [textOf(value.user), textOf(value.server)];
  return textOf(value._serialized) ?? (user && server ? `${user}@${server}` : undefined);
}

/** A number, also one that came as text or as the two halves of 64 bits. */
export function numberOfJson(value: unknown): number | undefined {
  const given = isObject(value) ? joinHalves(value) : value;
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const joinHalves = ({ low, high }: Json): unknown =>
  typeof low === 'number' ? (low >>> 0) + (typeof high === 'number' ? high : 0) * 2 ** 32 : low;

/** An amount that came in thousandths. */
export function wholeAmount(value: unknown): number | undefined {
  const thousandths = numberOfJson(value);
  return thousandths === undefined ? undefined : thousandths / 1000;
}

/** Later than any time in seconds, earlier than any in milliseconds. */
const SECONDS_END = 100_000_000_000;

/** A time in seconds or milliseconds; undefined when it is missing or absurd. */
export function momentOf(value: unknown): string | undefined {
  const number = numberOfJson(value) ?? 0;
  const time = number < SECONDS_END ? number * 1000 : number;
  return time >= EARLIEST && time < LATEST ? new Date(time).toISOString() : undefined;
}

/** What a message says and carries. */
export interface WebContent {
  type: MessageType;
  /** The customer's words; empty for kinds without. */
  content: string;
  details?: MessageDetails;
  /** The message a reaction is about. */
  about?: string;
}

/** What a customer chose of buttons or a list. */
export function choiceOf(id: unknown, title: unknown, description?: unknown): WebContent {
  const choice = { id: textOf(id), title: textOf(title), description: textOf(description) };
  return { type: 'interactive', content: choice.title ?? choice.id ?? '', details: { choice } };
}

/** Contact cards, with the phones of their vCards. */
export function contactsOf(cards: { name: unknown; vcard: unknown }[]): WebContent {
  const contacts = cards.map(({ name, vcard }) => ({
    name: textOf(name),
    phones: phonesOf(textOf(vcard) ?? ''),
    vcard: textOf(vcard),
  }));
  const names = contacts.map(({ name }) => name).filter(Boolean);
  return { type: 'contacts', content: names.join(', '), details: { contacts } };
}

const TEL = /^(?:[\w-]+\.)?TEL(?:;|$)/i;

/**
 * The phones of a vCard (RFC 6350); WhatsApp adds its own id of each as `waid`. By lines: one
 * pattern over the whole text would take minutes for a hostile card.
 */
function phonesOf(vcard: string): { phone: string; waId?: string }[] {
  return vcard.split('\n').flatMap((line) => {
    const colon = line.indexOf(':');
    const [name, phone] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (colon < 0 || phone === '' || !TEL.test(name)) return [];
    const waId = /;waid=(\d+)/i.exec(name)?.[1];
    return [{ phone, ...(waId ? { waId } : {}) }];
  });
}

/** 2009, when WhatsApp began: earlier is a broken clock, not a message. */
const EARLIEST = Date.UTC(2009, 0, 1);
/** The last that a four-digit year can say. */
const LATEST = Date.UTC(10_000, 0, 1);
const DAY = 24 * 3600 * 1000;

/** Seconds since 1970; anything missing or absurd is now. */
export function timeOf(seconds: unknown, now: Date): string {
  const time = (numberOfJson(seconds) ?? Number.NaN) * 1000;
  const plausible = time >= EARLIEST && time <= now.getTime() + DAY;
  return plausible ? new Date(time).toISOString() : now.toISOString();
}

const PHONE = /^(\d{5,20})(?::\d+)?@(?:s\.whatsapp\.net|c\.us)$/;
const HIDDEN = /^(\d{5,25})(?::\d+)?@lid$/;

/**
 * The sender by the addresses that were shown: a phone, a hidden address (`…@lid`) or both. Null
 * for a group, a broadcast or a channel.
 */
export function senderOf(addresses: readonly unknown[], name: unknown): InboundMessage['from'] | null {
  let waId: string | null = null;
  let userId: string | null = null;
  for (const address of addresses) {
    if (typeof address !== 'string') continue;
    waId ??= PHONE.exec(address)?.[1] ?? null;
    userId ??= HIDDEN.exec(address)?.[1] ?? null;
  }
  if (waId === null && userId === null) return null;
  const shown = textOf(name);
  return {
    waId,
    phone: waId !== null && /^[1-9]\d{6,14}$/.test(waId) ? `+${waId}` : null,
    userId: userId === null ? null : `${userId}@lid`,
    name: shown && shown !== waId ? cleanText(shown, 200) : null,
  };
}

/** Who takes part in a group; null for what is no person. */
export function memberOf(addresses: readonly unknown[], name: unknown, isAdmin?: boolean): GroupMember | null {
  const person = senderOf(addresses, name);
  if (!person) return null;
  const { waId, phone, userId, name: shown } = person;
  return { waId, phone, userId, name: shown, ...(isAdmin !== undefined && { isAdmin }) };
}

/** The end of a question about a group. @param read null for an answer that makes no sense */
export function judgeGroup(answer: Answer, read: (body: unknown) => GroupFacts | null): Outcome<GroupFacts> {
  if ('failed' in answer) return { kind: 'lost', reason: answer.failed };
  const { status, body } = answer;
  if (status >= 300) return { kind: 'denied', httpStatus: status };
  const facts = read(body);
  return facts ? { kind: 'ok', value: facts } : { kind: 'lost', reason: `An answer of ${status} without a group` };
}

/** The phone of an address in E.164. */
export function phoneOf(address: unknown): string | null {
  const digits = typeof address === 'string' ? PHONE.exec(address)?.[1] : undefined;
  return digits !== undefined && /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : null;
}

/** The group in which a message stands, by its chat's address. */
export function groupOf(
  chat: unknown,
  name?: unknown,
): { group: { id: string; name?: string } } | Record<never, never> {
  if (typeof chat !== 'string' || chatKind(chat) !== 'group') return {};
  const shown = textOf(name);
  return { group: { id: cleanId(chat), ...(shown && { name: cleanText(shown, 200) }) } };
}

/** Where a message goes: a group, else the phone it came from, the hidden address, or a phone. */
export function jidOf({ waId, phone, userId, group }: RecipientAddress): string {
  if (group) return group;
  return waId ? `${waId}@s.whatsapp.net` : (userId ?? `${phone?.replace('+', '') ?? ''}@s.whatsapp.net`);
}

/** The author of a message that is quoted in a group, with the end that phones have there. */
export const authorOf = ({ from }: AboutMessage, phones: string): string | undefined =>
  from?.userId ?? (from?.waId === undefined ? undefined : `${from.waId}@${phones}`);

/**
 * The number of an event by the name of its instance or session, which is unique on its server
 * alone. The number of the path, when the event names none or that one.
 */
export function numberNamed(name: unknown, addressed: string | null): string {
  const given = textOf(name);
  if (addressed !== null && (given === undefined || addressed.startsWith(`${given}@`))) return addressed;
  return given ?? '';
}

/** Kinds of chats that are no private ones, by the end of their address. */
export function chatKind(address: unknown): 'private' | 'group' | 'broadcast' {
  if (typeof address !== 'string') return 'private';
  if (address.endsWith('@g.us')) return 'group';
  return /@(broadcast|newsletter)$/.test(address) ? 'broadcast' : 'private';
}

/** A list of people to whom one person writes at once; a person's status is none. */
export const isBroadcastList = (address: unknown): boolean =>
  typeof address === 'string' && /^\d+@broadcast$/.test(address);

export const messageId = (id: unknown): string | null => {
  const given = textOf(id);
  return given === undefined ? null : cleanId(given);
};

/**
 * The name under which an event that is left out is counted. Names of others are no names of
 * counters: each would stay in memory.
 */
export const nameOfEvent = (name: string, known: ReadonlySet<string>): string => (known.has(name) ? name : 'event');

/** Bytes as JSON: files, previews and keys. They are fetched, not kept in an event. */
const BYTES = /^(base64|jpegThumbnail|thumbnail.*|mediaKey.*|file(Enc)?Sha256|.*[sS]idecar|streamingSidecar|waveform)$/;

/** Fields as they came, without bytes and what is noise to every reader. */
export function withoutBytes(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.length > 20_000 ? `${cleanText(value, 200)}…` : value;
  if (typeof value !== 'object' || value === null || depth > 12) return value;
  if (Array.isArray(value)) return value.map((one) => withoutBytes(one, depth + 1));
  const out: Json = {};
  for (const [key, one] of Object.entries(value)) {
    if (!BYTES.test(key) && key !== 'messageContextInfo') out[key] = withoutBytes(one, depth + 1);
  }
  return out;
}
