import { type EventData, type MessageDetails, type messageReceived, standsBeside, uuidv7 } from '@recado/contracts';
import type { Delivered } from '@recado/messaging';
import type { Change } from '../changes/apply.ts';
import type { ResolvedContact, Sender } from '../contacts/resolve.ts';
import type { Identity } from '../contacts/store.ts';
import type { ConversationDelta, OpenConversation } from '../conversations/store.ts';
import { type NewMessage, type ProviderKey, providerKey } from '../messages/store.ts';
import type { SurveyAnswer } from '../surveys/rules.ts';
import { withoutNul } from '../text.ts';

export type Received = EventData<typeof messageReceived>;

/** A received message on its way into the tables. */
export interface Item extends ProviderKey {
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
  /** Of one that answers a survey. */
  answer?: SurveyAnswer;
}

/** The messages of a batch that go into the same conversation. */
export interface Group {
  delta: ConversationDelta;
  items: Item[];
  /** Set once the conversation is open. */
  row: OpenConversation;
}

export const isBeside = ({ data }: Item): boolean => standsBeside(data);

/** Whether a message goes into the open chat, or opens one. */
export const isChat = (item: Item): boolean => item.answer === undefined && !isBeside(item);

/** Whether an event says what became of an earlier message, and is none itself. */
export const isChange = ({ data }: Delivered<Received>): boolean => data.details?.change !== undefined;

/** The edits and deletions of a batch. `direction`: of those who made them. */
export function toChanges(
  events: readonly Delivered<Received>[],
  direction: Change['direction'] = 'inbound',
): Change[] {
  return events.filter(isChange).map(({ tenantId, data }) => {
    const { channelId, providerMessageId: changeId, type, details, sentTime } = data;
    const { kind, providerMessageId } = details!.change!;
    const content = withoutNul(data.content);
    const { waId, phone, userId } = data.from;
    const by = { waId: waId ?? undefined, phone: phone ?? undefined, userId: userId ?? undefined };
    const words = { type, content, details: withoutNul({ ...details!, change: { ...details!.change!, by } }) };
    return { tenantId, channelId, providerMessageId, changeId, kind, direction, at: new Date(sentTime), ...words };
  });
}

/** The messages of a batch, each once: a repeat within the batch is left out. */
export function toItems(events: readonly Delivered<Received>[]): Item[] {
  const items = new Map<string, Item>();
  for (const event of events) {
    if (isChange(event)) continue;
    const { data, tenantId, id, envelope } = event;
    const { channelId } = data;
    const known = providerKey({ tenantId, channelId, providerMessageId: data.providerMessageId });
    if (items.has(known)) continue;
    // 24 characters: milliseconds and Z already.
    const sentTime = data.sentTime.length === 24 ? data.sentTime : new Date(data.sentTime).toISOString();
    const sender = senderOf(tenantId, data, sentTime);
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

/** Whose chat a message belongs to: its sender, or the group in which it was written. */
function senderOf(tenantId: string, { from, details }: Received, at: string): Sender {
  const { group, system } = details ?? {};
  if (group) {
    const name = group.name ? withoutNul(group.name) : null;
    return { tenantId, waId: null, phone: null, userId: null, group: group.id, name, at };
  }
  const { userId, username, parentUserId } = from;
  const name = from.name === null ? null : withoutNul(from.name);
  const sender: Sender = { tenantId, waId: from.waId, phone: from.phone, userId, parentUserId, username, name, at };
  // A notice of a new address may come from that one: the person is known by the former.
  const { previousWaId, previousUserId } = system ?? {};
  if (previousWaId !== undefined && system?.waId === from.waId) {
    return { ...sender, waId: previousWaId, phone: `+${previousWaId}` };
  }
  if (previousUserId !== undefined && system?.userId === userId) return { ...sender, userId: previousUserId };
  return sender;
}

/** The conversations that the messages belong to, with what each adds to it. */
export function groupByConversation(items: readonly Item[]): Group[] {
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
    ...(contact.isFormer && contact.phone ? peerAt(contact.phone) : peerOf(data)),
    status: 'new',
    unread: 1,
    count: 1,
    lastMessage: { id, content: withoutNul(data.content), direction: 'inbound', type: data.type, sentTime },
    lastInboundAt: sentTime,
  };
}

/** Where answers go: to the address received, or to the whole group. */
export function peerOf({ from, details }: Pick<Received, 'from' | 'details'>) {
  const { group } = details ?? {};
  if (group) return { peerWaId: null, peerPhone: null, peerUserId: group.id };
  return { peerWaId: from.waId, peerPhone: from.phone, peerUserId: from.userId };
}

/** Of a person who has left the address that was received. */
const peerAt = (peerPhone: string) => ({ peerWaId: null, peerPhone, peerUserId: null });

function addToDelta(delta: ConversationDelta, item: Item): void {
  delta.unread++;
  delta.count++;
  const last = delta.lastMessage;
  const isLater = item.sentTime > last.sentTime || (item.sentTime === last.sentTime && item.id > last.id);
  if (!isLater) return;
  const { lastMessage, lastInboundAt, peerWaId, peerPhone, peerUserId } = toDelta(item);
  Object.assign(delta, { lastMessage, lastInboundAt, peerWaId, peerPhone, peerUserId });
}

/** In a group also who wrote it, and of an answer the survey. */
function detailsOf({
  data: {
    details,
    from: { name, phone, waId, userId },
  },
  answer,
}: Item): MessageDetails | null {
  if (answer) {
    const score = 'score' in answer.answer ? { score: answer.answer.score } : {};
    return { ...details, survey: { id: answer.surveyId, ...score } };
  }
  if (!details?.group) return details ?? null;
  const from = {
    name: name ?? undefined,
    phone: phone ?? undefined,
    waId: waId ?? undefined,
    userId: userId ?? undefined,
  };
  return { ...details, group: { ...details.group, from } };
}

/** The row of a message whose conversation is set. */
export function toMessage(item: Item, now: Date): NewMessage {
  const { tenantId, id, channelId, data, sentTime, conversation } = item;
  return {
    tenantId,
    id,
    conversationId: conversation.id,
    channelId,
    direction: 'inbound',
    type: data.type,
    content: withoutNul(data.content),
    metadata: withoutNul(data.metadata),
    details: withoutNul(detailsOf(item)),
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
