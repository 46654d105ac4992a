import {
  type BuiltEvent,
  buildEvent,
  type Conversation,
  contactCreated,
  contactUpdated,
  conversationCreated,
  type EventData,
  messageCreated,
  type messageReceived,
  uuidv7,
} from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import type { ContactMemory, Remembered } from '../contacts/memory.ts';
import { identitiesOf, type ResolvedContact, resolveContacts, type Sender } from '../contacts/resolve.ts';
import { StaleContacts } from '../contacts/stale.ts';
import { findContactsByIdentity, type Identity, identityKey, stillName } from '../contacts/store.ts';
import { phoneShown } from '../conversations/address.ts';
import {
  addToOpenConversations,
  type ConversationDelta,
  lockConversations,
  type OpenConversation,
  takeBack,
} from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import {
  findInsertedHere,
  findStored,
  insertInbound,
  type NewMessage,
  type ProviderKey,
  providerKey,
} from '../messages/store.ts';
import { newMessageView } from '../messages/views.ts';
import { joinByIndex } from '../plans.ts';
import { withoutNul } from '../text.ts';
import { placeReactions } from './place-reactions.ts';

type Received = EventData<typeof messageReceived>;

/** One message of the batch on its way into the tables. */
interface Item extends ProviderKey {
  /**
   * The event's id becomes the message's: ids follow the order of arrival and a repeat has the
   * same.
   */
  id: string;
  data: Received;
  sentTime: string;
  sender: Sender;
  /** Only of one whose contact must be looked up. */
  identities: Identity[];
  traceparent: string | undefined;
  contact: ResolvedContact;
  /** What it adds to its conversation; null for a reaction, which adds nothing. */
  group: Group | null;
  /** Set once it is known. */
  conversation: OpenConversation;
}
interface Group {
  delta: ConversationDelta;
  items: Item[];
  /** Set once the conversation is open. */
  row: OpenConversation;
}

/**
 * Stores a batch of received messages: contacts, open conversations, messages and the events that tell of them, in the
 * caller's transaction. Three statements when every sender wrote a moment ago, four when every sender is known. Repeats leave no trace: the
 * permanent unique key (tenant, channel, provider id) decides, not an inbox.
 * @returns how many messages were new
 * @throws StaleContacts, an error like a lost race, when `memory` was older than the tables: it is cleared, and a second try goes well
 */
export async function storeReceived(
  tx: Tx,
  events: readonly Delivered<Received>[],
  now: Date,
  memory: ContactMemory | null = null,
): Promise<number> {
  const batch = toItems(events);
  joinByIndex(tx);
  // Repeats are rare (the connector's outbox drops them) and the unique key finds them out below.
  // After a lost stream all is a repeat: then one look beforehand saves taking everything back.
  const mayBeKnown = events.some((event) => event.replay);
  const stored = mayBeKnown ? await findStored(tx, batch) : [];
  const seen = new Set(stored.map(providerKey));
  const items = seen.size === 0 ? batch : batch.filter((item) => !seen.has(providerKey(item)));
  if (items.length === 0) return 0;

  const strangers: Item[] = [];
  const remembered = new Set<Remembered>();
  for (const item of items) {
    const known = memory?.find(item.sender);
    if (known) item.contact = known.contact;
    if (known) remembered.add(known);
    else strangers.push(item);
  }
  if (strangers.length > 0) await findContacts(tx, strangers, now, memory);
  const reactions = items.filter(isReaction);
  const groups = groupByConversation(reactions.length === 0 ? items : items.filter((item) => !isReaction(item)));
  // Sent together: the answers come in one round trip.
  const [areRight, areThere] = await Promise.all([
    remembered.size === 0 ||
      stillName(
        tx,
        [...remembered].map(({ identity, contact }) => ({ ...identity, contactId: contact.id })),
      ),
    openConversations(tx, groups, remembered.size > 0),
  ]);
  if (!areRight || !areThere) {
    memory?.clear();
    throw new StaleContacts();
  }
  if (reactions.length > 0) await placeReactions(tx, reactions);
  const messages = items.map((item) => toMessage(item, now));
  const { count } = await insertInbound(tx, messages);
  const lost = count < items.length ? await takeBackLost(tx, items, groups, messages) : new Set<string>();
  await enqueue(tx, tell(items, messages, groups, await viewOpened(tx, groups), lost));
  return count;
}

/**
 * It is shown beside the message it is about. It opens no conversation, is not unread and is not
 * the last message of a list.
 */
const isReaction = ({ data }: Item): boolean => data.type === 'reaction';

function toItems(events: readonly Delivered<Received>[]): Item[] {
  const items = new Map<string, Item>();
  for (const { data, tenantId, id, envelope } of events) {
    const { channelId, from } = data;
    const known = providerKey({ tenantId, channelId, providerMessageId: data.providerMessageId });
    // The same message twice in one batch: the first stays.
    if (items.has(known)) continue;
    const { waId, phone, userId, name } = from;
    // 24 characters: milliseconds and Z already.
    const sentTime = data.sentTime.length === 24 ? data.sentTime : new Date(data.sentTime).toISOString();
    const sender: Sender = {
      tenantId,
      waId,
      phone,
      userId,
      name: name === null ? null : withoutNul(name),
      at: sentTime,
    };
    items.set(known, {
      tenantId,
      channelId,
      providerMessageId: data.providerMessageId,
      id,
      data,
      sentTime,
      sender,
      identities: [],
      traceparent: envelope.traceparent,
      // These are filled in by the steps below, before anything reads them.
      contact: undefined as unknown as ResolvedContact,
      group: null,
      conversation: undefined as unknown as OpenConversation,
    });
  }
  return [...items.values()];
}

/** Sets the contact of each item: the one its identities name, else a new one. */
async function findContacts(tx: Tx, items: readonly Item[], now: Date, memory: ContactMemory | null): Promise<void> {
  for (const item of items) item.identities = identitiesOf(item.sender);
  const known = await findContactsByIdentity(tx, uniqueIdentities(items));
  const senders = items.map((item) => item.sender);
  const contacts = await resolveContacts(
    tx,
    senders,
    known,
    now,
    items.map((item) => item.identities),
  );
  items.forEach((item, i) => {
    item.contact = contacts[i]!;
  });
  memory?.keep(items);
}

function uniqueIdentities(items: readonly Item[]): Identity[] {
  const unique = new Map<string, Identity>();
  for (const { identities } of items) for (const identity of identities) unique.set(identityKey(identity), identity);
  return [...unique.values()];
}

function groupByConversation(items: readonly Item[]): Group[] {
  const groups = new Map<string, Group>();
  for (const item of items) {
    const key = `${item.tenantId} ${item.channelId} ${item.contact.id}`;
    const group = groups.get(key);
    const own = group ?? { delta: toDelta(item), items: [], row: undefined as unknown as OpenConversation };
    if (group) addToDelta(group.delta, item);
    else groups.set(key, own);
    own.items.push(item);
    item.group = own;
  }
  return [...groups.values()];
}

function toDelta({ tenantId, channelId, contact, data, sentTime, id }: Item): ConversationDelta {
  return {
    tenantId,
    newId: uuidv7(),
    channelId,
    provider: data.provider,
    contactId: contact.id,
    peerWaId: data.from.waId,
    peerPhone: data.from.phone,
    peerUserId: data.from.userId,
    status: 'new',
    unread: 1,
    count: 1,
    lastMessage: { id, content: withoutNul(data.content), direction: 'inbound', type: data.type, sentTime },
    lastInboundAt: sentTime,
  };
}

function addToDelta(delta: ConversationDelta, item: Item): void {
  delta.unread++;
  delta.count++;
  const last = delta.lastMessage;
  const isLater = item.sentTime > last.sentTime || (item.sentTime === last.sentTime && item.id > last.id);
  if (!isLater) return;
  const { lastMessage, lastInboundAt, peerWaId, peerPhone, peerUserId } = toDelta(item);
  Object.assign(delta, { lastMessage, lastInboundAt, peerWaId, peerPhone, peerUserId });
}

/** False when the contact of one is no longer there; only looked at with `checked`. */
async function openConversations(tx: Tx, groups: readonly Group[], checked: boolean): Promise<boolean> {
  const rows = await addToOpenConversations(
    tx,
    groups.map((group) => group.delta),
    checked,
  );
  const byKey = new Map(rows.map((row) => [`${row.tenantId} ${row.channelId} ${row.contactId}`, row]));
  for (const group of groups) {
    const { tenantId, channelId, contactId } = group.delta;
    group.row = byKey.get(`${tenantId} ${channelId} ${contactId}`)!;
    for (const item of group.items) item.conversation = group.row;
  }
  return rows.length === groups.length;
}

function toMessage({ tenantId, id, channelId, data, sentTime, conversation }: Item, now: Date): NewMessage {
  return {
    tenantId,
    id,
    conversationId: conversation.id,
    channelId,
    direction: 'inbound',
    type: data.type,
    content: withoutNul(data.content),
    metadata: withoutNul(data.metadata),
    status: 'delivered',
    providerMessageId: data.providerMessageId,
    author: 'contact',
    userId: null,
    aiModel: null,
    replyToInboundId: null,
    replyToProviderMessageId: data.replyToProviderMessageId,
    sentTime,
    createdAt: now,
  };
}

/**
 * Another copy stored some of them between our look and our insert: undoes their share of the
 * counters.
 */
async function takeBackLost(
  tx: Tx,
  items: readonly Item[],
  groups: readonly Group[],
  messages: readonly NewMessage[],
): Promise<Set<string>> {
  const kept = new Set((await findInsertedHere(tx, messages)).map((row) => row.id));
  const lost = new Set(items.filter((item) => !kept.has(item.id)).map((item) => item.id));
  const deltas: { tenantId: string; id: string; count: number }[] = [];
  for (const { row, items } of groups) {
    const missing = items.filter((item) => !kept.has(item.id));
    if (missing.length > 0) deltas.push({ tenantId: row.tenantId, id: row.id, count: missing.length });
  }
  await takeBack(tx, deltas);
  return lost;
}

/** The conversations opened here as they are told of; nearly always none. */
async function viewOpened(tx: Tx, groups: readonly Group[]): Promise<Map<string, Conversation>> {
  const opened = new Map<string, Group>();
  for (const group of groups) if (group.row.id === group.delta.newId) opened.set(group.row.id, group);
  if (opened.size === 0) return new Map();
  const rows = await lockConversations(
    tx,
    [...opened.values()].map(({ row }) => row),
  );
  return new Map(rows.map((row) => [row.id, conversationView(row, opened.get(row.id)!.items[0]!.contact)]));
}

/** The events of what was stored: a contact and a conversation before the first message in it. */
function tell(
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
      contact: { id: contact.id, name: contact.name, phone: phoneShown(contact.phone, item.data.from) },
    };
    events.push(buildEvent(messageCreated, { tenantId, subject: id, traceparent, data }));
  });
  return events;
}
