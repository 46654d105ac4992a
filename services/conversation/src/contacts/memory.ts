import { createCache } from '@recado/service-kit';
import type { ResolvedContact, Sender } from './resolve.ts';
import type { Identity } from './store.ts';

/**
 * A contact, and the identity that named it: the tables must still say the same before it is used.
 */
export interface Remembered {
  contact: ResolvedContact;
  identity: Identity;
}

/**
 * Contacts of senders who wrote a moment ago, so that a busy conversation does not look its contact
 * up each time.
 */
export interface ContactMemory {
  /** The contact that exactly this sender had, when nothing about it would have to be added. */
  find(sender: Sender): Remembered | undefined;
  /** Remembers contacts that stand in the tables as they are here; the others are left out. */
  keep(items: readonly { sender: Sender; contact: ResolvedContact; identities: readonly Identity[] }[]): void;
  /** All that was remembered may be wrong. */
  clear(): void;
}

/**
 * How long events of new messages may show an older state of a contact. Its identity is checked
 * each time.
 */
const TTL_MS = 10_000;
const MAX = 20_000;

export function createContactMemory(): ContactMemory {
  const known = createCache<string, Remembered>({ max: MAX, ttl: TTL_MS });
  return {
    find(sender) {
      const remembered = known.get(senderKey(sender));
      if (!remembered) return undefined;
      const { name, username, isEntered, createdAt, hasPast } = remembered.contact;
      // From before the contact: its sender may have been erased since then.
      if (hasPast !== false && sender.at !== undefined && Date.parse(sender.at) < createdAt.getTime()) return undefined;
      if (sender.username && sender.username !== username) return undefined;
      // Another name may be worth writing down.
      return isEntered || sender.name === null || sender.name === name ? remembered : undefined;
    },
    keep(items) {
      for (const { sender, contact, identities } of items) {
        // The first identity of a settled contact is the one that named it.
        const [identity] = identities;
        if (contact.isSettled && identity) known.set(senderKey(sender), { contact, identity });
      }
    },
    clear: () => known.clear(),
  };
}

const senderKey = ({ tenantId, waId, phone, userId, parentUserId, group }: Sender): string =>
  `${tenantId} ${waId}\n${phone}\n${userId}\n${parentUserId ?? ''}\n${group ?? ''}`;
