import type { Conversation } from '@recado/contracts';
import { isSamePhone, phoneKey } from '@recado/service-kit/phone';
import type { ConversationRow } from './store.ts';

/** The recipient of an outbound message. */
export interface Address {
  waId: string | null;
  phone: string | null;
  userId: string | null;
}

type Peer = Pick<ConversationRow, 'peerWaId' | 'peerPhone' | 'peerUserId'>;

/**
 * The address of a conversation: the one it was opened with, or the one that the customer last
 * wrote from.
 */
export const addressOf = (
  { peerWaId: waId, peerPhone, peerUserId: userId }: Peer,
  contactPhone: string | null,
): Address => ({
  waId,
  phone: peerPhone ?? (waId === null && userId === null ? contactPhone : null),
  userId,
});

/** The address of a conversation if it is this phone in any spelling; null when it is another. */
export function addressAt(peer: Peer, phone: string): Address | null {
  const isThere = isSamePhone(peer.peerPhone, phone) || isSamePhone(peer.peerWaId, phone);
  return isThere ? addressOf(peer, phone) : null;
}

/** The phone to show beside an address: as the contact has it, as long as both are one number. */
export function phoneShown(
  contactPhone: string | null,
  { phone, waId }: Pick<Address, 'phone' | 'waId'>,
): string | null {
  const key = phoneKey(phone) ?? phoneKey(waId);
  if (key === null || key === phoneKey(contactPhone)) return contactPhone;
  return phone ?? `+${waId}`;
}

/**
 * A conversation as the answer to a send to a phone shows it: with that phone, even while its own
 * address is another.
 */
export function shownAt(conversation: Conversation, phone: string): Conversation {
  const { contact } = conversation;
  return isSamePhone(contact.phone, phone) ? conversation : { ...conversation, contact: { ...contact, phone } };
}
