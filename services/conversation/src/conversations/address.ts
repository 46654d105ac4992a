import type { Conversation, RecipientAddress } from '@recado/contracts';
import { isSamePhone, phoneKey } from '@recado/service-kit/phone';
import type { ContactRow } from '../contacts/store.ts';
import type { ConversationRow } from './store.ts';

type Peer = Pick<ConversationRow, 'peerWaId' | 'peerPhone' | 'peerUserId'>;

/**
 * The address of a conversation: its group, else the one it was opened with, or the one that the
 * customer last wrote from.
 */
export function addressOf(
  { peerWaId: waId, peerPhone, peerUserId: userId }: Peer,
  { phone, groupAddress }: Pick<ContactRow, 'phone' | 'groupAddress'>,
): RecipientAddress {
  if (groupAddress !== null) return { waId: null, phone: null, userId: null, group: groupAddress };
  return { waId, phone: peerPhone ?? (waId === null && userId === null ? phone : null), userId };
}

/** The address of a conversation if it is this phone in any spelling; null when it is another. */
export function addressAt(peer: Peer, phone: string): RecipientAddress | null {
  const isThere = isSamePhone(peer.peerPhone, phone) || isSamePhone(peer.peerWaId, phone);
  return isThere ? addressOf(peer, { phone, groupAddress: null }) : null;
}

/** The phone to show beside an address: as the contact has it, as long as both are one number. */
export function phoneShown(
  contactPhone: string | null,
  { phone, waId }: Pick<RecipientAddress, 'phone' | 'waId'>,
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
