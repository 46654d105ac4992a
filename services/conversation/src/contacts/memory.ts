import { LRUCache } from 'lru-cache';
import type { ResolvedContact, Sender } from './resolve.ts';

/** Contacts of senders who wrote a moment ago, so that a conversation in full flow does not look up who it is with each time. */
export interface ContactMemory {
  /** The contact that exactly this sender had, when nothing about it would have to be added. */
  find(sender: Sender): ResolvedContact | undefined;
  /** Remembers contacts that stand in the tables as they are here; the others are left out. */
  keep(senders: readonly Sender[], contacts: readonly ResolvedContact[]): void;
  /** All that was remembered may be wrong. */
  clear(): void;
}

/** How long a change of a contact may stay unseen in what is told of new messages. That a contact is still there is looked at each time. */
const TTL_MS = 10_000;
const MAX = 20_000;

export function createContactMemory(): ContactMemory {
  const known = new LRUCache<string, ResolvedContact>({ max: MAX, ttl: TTL_MS });
  return {
    find(sender) {
      const contact = known.get(senderKey(sender));
      // A name for somebody who had none is worth writing down.
      return contact && (contact.name !== null || sender.name === null) ? contact : undefined;
    },
    keep(senders, contacts) {
      for (let i = 0; i < senders.length; i++)
        if (contacts[i]!.isSettled) known.set(senderKey(senders[i]!), contacts[i]!);
    },
    clear: () => known.clear(),
  };
}

const senderKey = ({ tenantId, waId, phone, userId }: Sender): string => `${tenantId} ${waId}\n${phone}\n${userId}`;

/** A remembered contact is gone, or another's now. Its SQLSTATE is that of a lost race: the batch is tried again, from the tables. */
export class StaleContacts extends Error {
  override name = 'StaleContacts';
  code = '40001';
  constructor() {
    super('A remembered contact is no longer there');
  }
}
