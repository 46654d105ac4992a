import type { conversationApi, RouteInput } from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { NotFound, timeAndId, walkOf } from '@recado/service-kit';
import { selectByIds } from '../../conversations/list.ts';
import type { ConversationWithContact } from '../../conversations/store.ts';
import { aboutId, type ListedMessage, messageColumns, reactionsTo } from '../store.ts';

export type MessageQuery = RouteInput<typeof conversationApi.listMessages>['query'];

export interface MessagePage {
  items: ListedMessage[];
  total: number | null;
  hasMore: boolean;
  nextCursor: string | null;
}
const walk = walkOf('messages', timeAndId);

/**
 * A page of a thread in one round trip. `before` gives the next older messages, `after` the next
 * newer ones, in any order of the page. A cursor follows that order.
 * @throws NotFound of the conversation, or of the message that `before` or `after` names
 */
export async function listMessages(
  db: Database,
  tenantId: string,
  conversationId: string,
  query: MessageQuery,
): Promise<MessagePage> {
  const { before, after, order, limit, cursor } = query;
  const { after: place } = walk.slice({ limit, cursor });
  const nearest = before && !after ? 'desc' : after && !before ? 'asc' : order;
  const anchors = [before, after].filter((id) => id !== undefined);
  const [[conversation], rows] = await readTenant(db, tenantId, (tx) => [
    tx<{ total: number; anchors: number }[]>`
      select c.message_count as total, (
        select count(*)::int from messages m
        where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.id = any(${anchors}::uuid[])
      ) as anchors
      from conversations c where c.tenant_id = ${tenantId} and c.id = ${conversationId}`,
    tx<ListedMessage[]>`
      select ${messageColumns(tx)}, ${aboutId(tx)}, ${reactionsTo(tx)} from messages m
      where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId}
        ${before ? tx`and (m.sent_time, m.id) < (${timeOf(tx, tenantId, before)}, ${before}::uuid)` : tx``}
        ${after ? tx`and (m.sent_time, m.id) > (${timeOf(tx, tenantId, after)}, ${after}::uuid)` : tx``}
        ${place ? beyond(tx, place, nearest) : tx``}
      ${nearest === 'asc' ? tx`order by m.sent_time, m.id` : tx`order by m.sent_time desc, m.id desc`}
      limit ${limit + 1} offset ${cursor === undefined ? query.offset : 0}`,
  ]);
  if (!conversation) throw new NotFound('conversation', conversationId);
  if (conversation.anchors < new Set(anchors).size) throw new NotFound('message');
  const { items, nextCursor } = walk.page(rows, limit, ({ sentTime: at, id }) => ({ at, id }));
  if (nearest !== order) items.reverse();
  const total = query.count ? conversation.total : null;
  return { items, total, hasMore: rows.length > limit, nextCursor: anchors.length > 0 ? null : nextCursor };
}

const beyond = (tx: Tx, { at, id }: { at: string; id: string }, order: 'asc' | 'desc') =>
  order === 'asc'
    ? tx`and (m.sent_time, m.id) > (${at}::timestamptz, ${id}::uuid)`
    : tx`and (m.sent_time, m.id) < (${at}::timestamptz, ${id}::uuid)`;

// A scalar subquery, not a row of two: only so may the comparison use the thread's index.
const timeOf = (tx: Tx, tenantId: string, id: string) =>
  tx`(select a.sent_time from messages a where a.tenant_id = ${tenantId} and a.id = ${id})`;

/** A conversation and its latest messages, oldest first, in one round trip. @throws NotFound */
export async function getThread(
  db: Database,
  tenantId: string,
  conversationId: string,
  limit: number,
): Promise<{ conversation: ConversationWithContact; messages: ListedMessage[] }> {
  const [[conversation], rows] = await readTenant(db, tenantId, (tx) => [
    selectByIds(tx, tenantId, [conversationId]),
    tx<ListedMessage[]>`
      select ${messageColumns(tx)}, ${aboutId(tx)}, ${reactionsTo(tx)} from messages m
      where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId}
      order by m.sent_time desc, m.id desc limit ${limit}`,
  ]);
  if (!conversation) throw new NotFound('conversation', conversationId);
  return { conversation, messages: [...rows].reverse() };
}
