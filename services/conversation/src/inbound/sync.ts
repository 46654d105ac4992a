import {
  type BuiltEvent,
  buildEvent,
  contactCreated,
  conversationCreated,
  conversationUpdated,
  type EventData,
  messageCreated,
  type messageStatus,
  type messageSynced,
  standsBeside,
} from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import { applyChanges, type OnForeign } from '../changes/apply.ts';
import { findWaiting } from '../changes/store.ts';
import { rememberSpeakers } from '../contacts/participants.ts';
import { identitiesOf, resolveContacts } from '../contacts/resolve.ts';
import { findContactsByIdentity, type Identity, identityKey } from '../contacts/store.ts';
import { phoneShown } from '../conversations/address.ts';
import { awaited } from '../conversations/awaited.ts';
import { applyOutbound, type ConversationRow, upsertOpenConversations } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import { changedFields, outboundChange } from '../messages/sending/outbound.ts';
import { findStored, type NewMessage, type ProviderKey, providerKey } from '../messages/store.ts';
import { newMessageView } from '../messages/views.ts';
import { joinByIndex } from '../plans.ts';
import { collectMessages } from '../search/collect.ts';
import { applyStatuses } from '../statuses/apply.ts';
import { lockProviderIds } from '../statuses/store.ts';
import {
  type Group,
  groupByConversation,
  type Item,
  isChange,
  type Received,
  toChanges,
  toItems,
  toMessage,
} from './batch.ts';
import { placeBeside } from './place-beside.ts';
import { addHistory, findOwnSends, insertSynced } from './sync-store.ts';

type Synced = EventData<typeof messageSynced>;

/** A synced message on its way into the tables. */
interface Draft {
  item: Item;
  synced: Synced;
  message: NewMessage;
}

/**
 * Stores messages that Recado did not carry. One typed on the phone is a person's answer: the AI
 * falls silent. History opens no chat and is no news. Returns how many were new.
 */
export async function storeSynced(
  tx: Tx,
  events: readonly Delivered<Synced>[],
  now: Date,
  onForeign?: OnForeign,
): Promise<number> {
  joinByIndex(tx);
  // A send learns its provider's id under the same locks, so an echo cannot miss it.
  await lockProviderIds(tx, events.map(toKey));
  const changes = events.flatMap((event) => toChanges([asReceived(event)], event.data.direction));
  const drafts = await toDrafts(tx, events, now);
  const waiting = drafts.length === 0 ? [] : await storeDrafts(tx, drafts, now);
  return drafts.length + (await applyChanges(tx, changes, waiting, onForeign));
}

const toKey = ({ tenantId, data: { channelId, providerMessageId } }: Delivered<Synced>): ProviderKey => ({
  tenantId,
  channelId,
  providerMessageId,
});

const NOBODY = { waId: null, phone: null, userId: null, name: null };

/** The same as a received message: its chat is the customer's. */
function asReceived(event: Delivered<Synced>): Delivered<Received> {
  const { peer, direction: _, status: __, origin: ___, ...data } = event.data;
  const received = { ...data, from: peer ?? NOBODY };
  return { ...event, data: received, envelope: { ...event.envelope, data: received } };
}

/** New messages with their contacts; the echo of a send of ours only settles that send. */
async function toDrafts(tx: Tx, events: readonly Delivered<Synced>[], now: Date): Promise<Draft[]> {
  const items = toItems(events.map(asReceived).filter((event) => !isChange(event)));
  const stored = new Set((await findStored(tx, items)).map(providerKey));
  const fresh = items.filter((item) => !stored.has(providerKey(item)));
  if (fresh.length === 0) return [];
  await setContacts(tx, fresh, now);
  const kept = fresh.filter(({ contact }) => !contact.isLate);
  const syncedOf = new Map(events.map((event) => [event.id, event.data]));
  const drafts = kept.map((item): Draft => {
    const synced = syncedOf.get(item.id)!;
    return { item, synced, message: undefined as unknown as NewMessage };
  });
  const echoes = drafts.filter(({ synced }) => synced.direction === 'outbound' && synced.origin === 'phone');
  const own = await findOwnSends(
    tx,
    echoes.map(({ item }) => item),
  );
  if (own.size > 0)
    await applyStatuses(
      tx,
      [...own].map(([item, messageId]) => settled(item, messageId)),
    );
  return drafts.filter(({ item }) => !own.has(item));
}

async function setContacts(tx: Tx, items: readonly Item[], now: Date): Promise<void> {
  for (const item of items) item.identities = identitiesOf(item.sender);
  const unique = new Map<string, Identity>();
  for (const { identities } of items) for (const identity of identities) unique.set(identityKey(identity), identity);
  const known = await findContactsByIdentity(tx, [...unique.values()]);
  const senders = items.map((item) => item.sender);
  const contacts = await resolveContacts(tx, senders, known, now);
  items.forEach((item, i) => {
    item.contact = contacts[i]!;
  });
}

/** The report that a send of ours reached the provider, as its echo proves. */
function settled(item: Item, messageId: string): Delivered<EventData<typeof messageStatus>> {
  const { tenantId, channelId, providerMessageId, sentTime: at, id } = item;
  const report = { status: 'sent' as const, error: null, source: 'webhook' as const, details: null };
  const data = { channelId, messageId, providerMessageId, at, ...report };
  return { data, tenantId, id, envelope: { traceparent: item.traceparent } } as Delivered<
    EventData<typeof messageStatus>
  >;
}

const isLive = ({ synced }: Draft): boolean => synced.origin === 'phone' && !standsBeside(synced);

/** Returns the messages whose changes came before them. */
async function storeDrafts(tx: Tx, drafts: readonly Draft[], now: Date): Promise<ProviderKey[]> {
  const groups = groupByConversation(drafts.filter(isLive).map(({ item }) => item));
  const opened = await openConversations(tx, groups);
  const quiet = drafts.filter((draft) => !isLive(draft));
  if (quiet.length > 0) {
    await placeBeside(
      tx,
      quiet.map(({ item }) => item),
    );
  }
  for (const draft of drafts) draft.message = toSynced(draft, now);
  const items = drafts.map(({ item }) => item);
  const [, waiting] = await Promise.all([
    insertSynced(
      tx,
      drafts.map(({ message }) => message),
    ),
    findWaiting(tx, items),
  ]);
  await addHistory(
    tx,
    quiet.filter(({ synced }) => !standsBeside(synced)).map(({ message }) => message),
  );
  // No event tells of them, so the search learns of them here.
  await collectMessages(
    tx,
    quiet.filter(({ message }) => message.content !== '').map(({ message }) => message),
  );
  await rememberSpeakers(tx, items);
  await enqueue(tx, [...contactEvents(items), ...(await liveEvents(tx, drafts, groups, opened, now))]);
  return waiting;
}

/** The row of a message whose conversation is set. */
function toSynced({ item, synced }: Draft, now: Date): NewMessage {
  const message = toMessage(item, now);
  if (synced.direction === 'inbound') return message;
  return { ...message, direction: 'outbound', author: 'user', status: synced.status ?? 'sent' };
}

async function openConversations(tx: Tx, groups: readonly Group[]): Promise<ConversationRow[]> {
  if (groups.length === 0) return [];
  const deltas = groups.map(({ delta }) => {
    const lastMessage = { ...delta.lastMessage, direction: 'outbound' as const };
    return { ...delta, status: 'active' as const, unread: 0, lastMessage, lastInboundAt: null };
  });
  const rows = await upsertOpenConversations(tx, deltas);
  const byKey = new Map(rows.map((row) => [`${row.tenantId} ${row.channelId} ${row.contactId}`, row]));
  for (const group of groups) {
    const { tenantId, channelId, contactId } = group.delta;
    group.row = byKey.get(`${tenantId} ${channelId} ${contactId}`)!;
    for (const item of group.items) item.conversation = group.row;
  }
  return rows;
}

const contactEvents = (items: readonly Item[]): BuiltEvent[] =>
  [...new Set(items.map(({ contact }) => contact))]
    .filter((contact) => contact.isNew)
    .map(({ tenantId, id: contactId, name, phone }) =>
      buildEvent(contactCreated, { tenantId, subject: contactId, data: { contactId, name, phone } }),
    );

/** What the upsert did not do: a person took the chat over and has read it. */
async function liveEvents(
  tx: Tx,
  drafts: readonly Draft[],
  groups: readonly Group[],
  opened: readonly ConversationRow[],
  now: Date,
): Promise<BuiltEvent[]> {
  if (groups.length === 0) return [];
  const before = new Map(opened.map((row) => [row.id, row]));
  const messagesOf = Map.groupBy(drafts.filter(isLive), ({ item }) => item.conversation.id);
  const changes = groups.map(({ row }) => {
    const messages = messagesOf.get(row.id)!.map(({ message }) => message);
    return { ...outboundChange(before.get(row.id)!, messages, now), count: 0 };
  });
  const after = new Map((await applyOutbound(tx, changes)).map((row) => [row.id, row]));
  return groups.flatMap(({ row, delta, items }) => {
    const [then, conversation] = [before.get(row.id)!, after.get(row.id)!];
    const { tenantId, id, channelId, status, assignedUserId } = conversation;
    const { contact } = items[0]!;
    const isNew = id === delta.newId;
    const shown = { id: contact.id, name: contact.name, phone: phoneShown(contact.phone, items[0]!.data.from) };
    const messages = messagesOf.get(id)!.map(({ message }, i): BuiltEvent => {
      const about = { id, channelId, status, assignedUserId, isNew: isNew && i === 0 };
      const data = { message: newMessageView(message), conversation: about, contact: shown };
      return buildEvent(messageCreated, { tenantId, subject: message.id, data });
    });
    // A phone is no agent, so the chat still wants one.
    messages.push(...(status === 'queued' ? [] : awaited(conversation, undefined)));
    const view = conversationView(conversation, contact);
    const changed = changedFields(then, conversation);
    if (isNew) {
      return [buildEvent(conversationCreated, { tenantId, subject: id, data: { conversation: view } }), ...messages];
    }
    if (changed.length === 0) return messages;
    const data = { conversation: view, changed };
    return [...messages, buildEvent(conversationUpdated, { tenantId, subject: id, data })];
  });
}
