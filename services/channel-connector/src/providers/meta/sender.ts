import { cleanId, cleanText, idOfContent } from '../../webhooks/clean.ts';
import type { InboundMessage } from '../provider.ts';
import { Fields, isObject, type Json } from './fields.ts';

/** A `wa_id`: digits alone. Anything else in its place is a business-scoped id. */
const WA_ID = /^\d{1,32}$/;

/**
 * The sender. Without a visible phone the business-scoped id names them, also where it stands in
 * `from`. Without both the message's own id does: no two strangers share a contact.
 */
export function readSender(
  item: Fields,
  contacts: readonly Json[],
  messageId: string,
): { from: InboundMessage['from']; contact: Fields | undefined } {
  const given = item.id('from') || null;
  const from = given !== null && WA_ID.test(given) ? given : null;
  const fromUser = item.string('from_user_id') || (from === null ? given : null);
  const found =
    findEntry(contacts, from, fromUser) ??
    // Brazil's ninth digit makes `from` and `wa_id` differ; alone in the change it can only be the
    // sender.
    (contacts.length === 1 ? contacts[0] : undefined);
  const contact = found && new Fields(found);
  const shown = contact?.id('wa_id') || null;
  const waId = from ?? (shown !== null && WA_ID.test(shown) ? shown : null);
  const userId = fromUser ?? (contact?.string('user_id') || (waId === null ? shown : null));
  if (same(found?.wa_id, waId) || same(found?.wa_id, userId)) contact?.skip('wa_id');
  if (userId === found?.user_id) contact?.skip('user_id');
  const parentUserId = item.string('from_parent_user_id') || undefined;
  return { contact, from: personOf({ waId, userId, messageId, parentUserId }, contact) };
}

/** Where the people of a change stand in its `contacts`, by their ids. */
interface Places {
  waIds: Map<string, number>;
  userIds: Map<string, number>;
}

/** A change may hold thousands of messages and people: it is read once, not for each message. */
const placesOf = new WeakMap<readonly Json[], Places>();

/** The first entry that names the sender by either id. */
function findEntry(contacts: readonly Json[], waId: string | null, userId: string | null): Json | undefined {
  const places = placesOf.get(contacts) ?? readPlaces(contacts);
  placesOf.set(contacts, places);
  const byPhone = waId === null ? undefined : places.waIds.get(waId);
  const byUser = userId === null ? undefined : places.userIds.get(userId);
  const first = Math.min(byPhone ?? contacts.length, byUser ?? contacts.length);
  return contacts[first];
}

function readPlaces(contacts: readonly Json[]): Places {
  const places: Places = { waIds: new Map(), userIds: new Map() };
  for (const [i, { wa_id, user_id: userId }] of contacts.entries()) {
    const waId = wordOf(wa_id);
    if (waId !== null && !places.waIds.has(waId)) places.waIds.set(waId, i);
    if (typeof userId === 'string' && !places.userIds.has(userId)) places.userIds.set(userId, i);
  }
  return places;
}

/** A text, or a number as text. An object may have a `toString` that is no function. */
export const wordOf = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;

/** Whether a value is this text, also as a number. */
const same = (value: unknown, id: string | null): boolean => id !== null && wordOf(value) === id;

/** A notice without sender names the person in its own part, by the former address first. */
export function withSender(item: Json): Json {
  const { system } = item;
  if (item.from || item.from_user_id || !isObject(system)) return item;
  const named = [system.customer, system.previous_user_id, system.user_id, system.wa_id].find(
    (one) => typeof one === 'string' && one !== '',
  );
  return named === undefined ? item : { ...item, from: named };
}

interface Ids {
  waId: string | null;
  userId: string | null;
  /** Names a person of whom nothing else is known. */
  messageId: string;
  parentUserId?: string | undefined;
}

/** A person by their ids, with what their entry in `contacts` tells. */
export function personOf({ waId, userId, messageId, parentUserId }: Ids, contact?: Fields): InboundMessage['from'] {
  const profile = contact?.object('profile');
  const username = profile?.string('username') || undefined;
  const name = profile?.string('name') || username;
  const parent = parentUserId ?? contact?.string('parent_user_id');
  const more = {
    username: username && cleanText(username, 200),
    parentUserId: parent && cleanId(parent),
    identityHash: cleanId(contact?.string('identity_key_hash') ?? ''),
  };
  return {
    waId: waId && cleanId(waId),
    phone: phoneOf(waId),
    userId: userId ? cleanId(userId) : waId ? null : `${UNIDENTIFIED}${cleanId(messageId)}`,
    name: name ? cleanText(name, 200) : null,
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value)),
  };
}

/** Begins the id of a sender whom the provider does not name: no answer can go there. */
export const UNIDENTIFIED = 'unidentified:';

export const phoneOf = (waId: string | null): string | null =>
  waId !== null && /^[1-9]\d{6,14}$/.test(waId) ? `+${waId}` : null;

/** The customer, by the field that names them and its neighbour with the business-scoped id. */
export function peerOf(item: Json, key: 'from' | 'to'): InboundMessage['from'] {
  const renamed = { from: item[key], from_user_id: item[`${key}_user_id`] };
  const id = typeof item.id === 'string' ? item.id : idOfContent(item);
  return readSender(new Fields(renamed), [], id).from;
}
