import {
  type BuiltEvent,
  buildEvent,
  type Conversation,
  contactCreated,
  contactUpdated,
  conversationCreated,
  messageCreated,
} from '@recado/contracts';
import type { ResolvedContact } from '../contacts/resolve.ts';
import { phoneShown } from '../conversations/address.ts';
import { awaited } from '../conversations/awaited.ts';
import type { NewMessage } from '../messages/store.ts';
import { newMessageView } from '../messages/views.ts';
import type { Group, Item } from './batch.ts';

/** The events of what was stored: a contact and a conversation before the first message in it. */
export function eventsOf(
  items: readonly Item[],
  messages: readonly NewMessage[],
  groups: readonly Group[],
  opened: ReadonlyMap<string, Conversation>,
  lost: ReadonlySet<string>,
) {
  const events: BuiltEvent[] = [];
  const told = new Set<ResolvedContact>();
  const untold = new Set(groups.filter((group) => opened.has(group.row.id)));
  /** The first message of each new conversation. */
  const openers = new Set<Item>();
  // First all contacts and conversations: each kind travels as an event batch, and that of the
  // messages goes out when its first was built.
  for (const item of items) {
    const { tenantId, contact, group, traceparent, id } = item;
    if (lost.has(id)) continue;
    if (contact.isNew && !told.has(contact)) {
      told.add(contact);
      const data = { contactId: contact.id, name: contact.name, phone: contact.phone };
      events.push(buildEvent(contactCreated, { tenantId, subject: contact.id, traceparent, data }));
    }
    if (contact.renamed && !told.has(contact)) {
      told.add(contact);
      const { id: contactId, tenantId: _, ...facts } = contact.renamed;
      const data = { contactId, ...facts, changed: ['name'] };
      events.push(buildEvent(contactUpdated, { tenantId, subject: contactId, traceparent, data }));
    }
    if (!group || !untold.delete(group)) continue;
    openers.add(item);
    const data = { conversation: opened.get(group.row.id)! };
    events.push(buildEvent(conversationCreated, { tenantId, subject: group.row.id, traceparent, data }));
  }
  items.forEach((item, i) => {
    const { tenantId, contact, conversation, traceparent, id } = item;
    if (lost.has(id)) return;
    const { id: conversationId, channelId, status, assignedUserId } = conversation;
    const data = {
      message: newMessageView(messages[i]!),
      conversation: { id: conversationId, channelId, status, assignedUserId, isNew: openers.has(item) },
      contact: {
        id: contact.id,
        name: contact.name,
        phone: item.data.details?.group ? null : phoneShown(contact.phone, item.data.from),
        ...(contact.blockedAt !== null && { isBlocked: true as const }),
      },
    };
    events.push(buildEvent(messageCreated, { tenantId, subject: id, traceparent, data }));
  });
  return events;
}

/** Chats of campaigns that are in no queue and with no agent: the customer wrote. */
export const awaitedIn = (groups: readonly Group[]): BuiltEvent[] =>
  groups.flatMap(({ row, items }) => (row.status === 'queued' ? [] : awaited(row, items[0]?.traceparent)));
