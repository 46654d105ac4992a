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
    contacts.find(
      (one) => (from !== null && same(one.wa_id, from)) || (fromUser !== null && one.user_id === fromUser),
    ) ??
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

/** Whether a value is this text, also as a number. */
const same = (value: unknown, id: string | null): boolean => id !== null && String(value) === id;

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
  const more = {
    username: username && cleanText(username, 200),
    parentUserId: parentUserId ?? contact?.string('parent_user_id'),
    identityHash: contact?.string('identity_key_hash'),
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
