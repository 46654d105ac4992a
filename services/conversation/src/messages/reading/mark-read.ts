import {
  type BuiltEvent,
  buildEvent,
  type conversationApi,
  conversationUpdated,
  messageRead,
  type RecipientAddress,
  type RouteResult,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type CallContext, type Caller, NotFound } from '@recado/service-kit';
import { addressOf } from '../../conversations/address.ts';
import { selectByIds } from '../../conversations/list.ts';
import { type ConversationWithContact, lockConversations } from '../../conversations/store.ts';
import { contactOf, joinedView } from '../../conversations/views.ts';
import type { Deps } from '../../deps.ts';
import { joinByIndex } from '../../plans.ts';
import {
  countUnread,
  type NamedMessage,
  selectLastInbound,
  selectNamed,
  type WrittenMessage,
  writeRead,
} from './read-store.ts';

type Result = RouteResult<typeof conversationApi.markRead>;

/**
 * Marks received messages as read, with all before them in their conversations. Emits no event when
 * nothing changed.
 * @throws NotFound when one of them is not the tenant's; then none is marked
 */
export async function markRead(
  deps: Deps,
  { caller, context }: { caller: Caller; context: CallContext },
  { messageIds, conversationId }: { messageIds: readonly string[]; conversationId?: string | undefined },
): Promise<Result> {
  const { tenantId } = caller;
  const now = deps.now();
  return withTenant(deps.db, tenantId, async (tx) => {
    const named = await findNamed(tx, tenantId, messageIds, conversationId);
    const last = lastOfEach(named.filter(({ direction }) => direction === 'inbound'));
    const changed = await read(tx, tenantId, last, now);
    const after = await selectByIds(tx, tenantId, [...new Set(named.map((message) => message.conversationId))]);
    await enqueue(
      tx,
      eventsOf({ tenantId, userId: caller.userId, now, traceparent: context.traceparent }, after, changed),
    );
    return {
      items: named.map(({ id, conversationId, direction, readAt }) => ({
        messageId: id,
        conversationId,
        readAt: (direction === 'inbound' ? (readAt ?? now) : readAt)?.toISOString() ?? null,
      })),
      conversations: after.map(({ id, unreadCount }) => ({ conversationId: id, unreadCount })),
    };
  });
}

async function findNamed(tx: Tx, tenantId: string, ids: readonly string[], within?: string): Promise<NamedMessage[]> {
  const found = new Map((await selectNamed(tx, tenantId, ids)).map((message) => [message.id, message]));
  return [...new Set(ids)].map((id) => {
    const message = found.get(id);
    if (!message || (within !== undefined && message.conversationId !== within)) throw new NotFound('message', id);
    return message;
  });
}

interface Changed {
  /** The last ones, where they were not read before. */
  read: readonly NamedMessage[];
  /** All that were not read before, by conversation. */
  written: ReadonlyMap<string, readonly WrittenMessage[]>;
  /** Conversations whose counter changed. */
  counted: ReadonlySet<string>;
}

async function read(tx: Tx, tenantId: string, last: readonly NamedMessage[], now: Date): Promise<Changed> {
  if (last.length === 0) return { read: [], written: new Map(), counted: new Set() };
  joinByIndex(tx);
  await lockConversations(
    tx,
    last.map(({ conversationId: id }) => ({ tenantId, id })),
  );
  const rows = await writeRead(tx, tenantId, last, now);
  const ids = new Set(rows.map(({ id }) => id));
  const counted = new Set((await countUnread(tx, tenantId, last)).map(({ id }) => id));
  const written = Map.groupBy(rows, (row) => row.conversationId);
  return { read: last.filter(({ id }) => ids.has(id)), written, counted };
}

/** The latest message of each conversation. */
export function lastOfEach(messages: readonly NamedMessage[]): NamedMessage[] {
  const last = new Map<string, NamedMessage>();
  for (const message of messages) {
    const before = last.get(message.conversationId);
    if (!before || isLater(message, before)) last.set(message.conversationId, message);
  }
  return [...last.values()];
}

function isLater(a: NamedMessage, b: NamedMessage): boolean {
  const byTime = a.sentTime.getTime() - b.sentTime.getTime();
  return byTime !== 0 ? byTime > 0 : a.id > b.id;
}

interface By {
  tenantId: string;
  userId: string | null;
  now: Date;
  traceparent: string | undefined;
}

function eventsOf(
  by: By,
  conversations: readonly ConversationWithContact[],
  { read, written, counted }: Changed,
): BuiltEvent[] {
  const { tenantId, traceparent } = by;
  const byId = new Map(conversations.map((row) => [row.id, row]));
  const events: BuiltEvent[] = [];
  for (const message of read) {
    const conversation = byId.get(message.conversationId)!;
    const to = addressOf(conversation, contactOf(conversation));
    const { channelId } = conversation;
    events.push(...readEvent(by, message, { channelId, to, written: written.get(conversation.id) ?? [] }));
  }
  for (const row of conversations.filter(({ id }) => counted.has(id))) {
    const data = { conversation: joinedView(row), changed: ['unreadCount'] };
    events.push(buildEvent(conversationUpdated, { tenantId, subject: row.id, traceparent, data }));
  }
  return events;
}

/**
 * A person's answer reads what came before it. Called under the conversation's lock, while the
 * counter still tells what is unread.
 */
export async function readByReply(
  tx: Tx,
  by: By,
  conversation: Pick<ConversationWithContact, 'id' | 'channelId' | 'unreadCount'> & Parameters<typeof addressOf>[0],
  contact: Parameters<typeof addressOf>[1],
): Promise<BuiltEvent[]> {
  if (by.userId === null || conversation.unreadCount === 0) return [];
  const [last] = await selectLastInbound(tx, by.tenantId, conversation.id);
  if (!last || last.readAt !== null) return [];
  const written = await writeRead(tx, by.tenantId, [last], by.now);
  const to = addressOf(conversation, contact);
  return readEvent(by, last, { channelId: conversation.channelId, to, written, byReply: true });
}

interface ReadWhere {
  channelId: string;
  to: RecipientAddress;
  written: readonly WrittenMessage[];
  byReply?: true;
}

/** Nothing for a message that the provider does not know. */
function readEvent(
  { tenantId, userId, now, traceparent }: By,
  { id: messageId, conversationId, providerMessageId, sentTime }: NamedMessage,
  { written, ...where }: ReadWhere,
): BuiltEvent[] {
  if (providerMessageId === null) return [];
  const times = { sentTime: sentTime.toISOString(), at: now.toISOString() };
  const earlier = earlierOf(messageId, written);
  const data = { messageId, conversationId, providerMessageId, ...where, ...times, earlier, userId };
  return [buildEvent(messageRead, { tenantId, subject: messageId, traceparent, data })];
}

/** Some providers tick each message by itself. */
const MAX_EARLIER = 50;

function earlierOf(lastId: string, written: readonly WrittenMessage[]): string[] {
  return written
    .filter(({ id }) => id !== lastId)
    .toSorted((a, b) => b.sentTime.getTime() - a.sentTime.getTime())
    .flatMap(({ providerMessageId }) => providerMessageId ?? [])
    .slice(0, MAX_EARLIER);
}
