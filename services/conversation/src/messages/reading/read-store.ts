import { columns, type Tx } from '@recado/database';
import { messages } from '../../schema.ts';

const namedColumns = columns(messages, {
  alias: 'm',
  only: ['id', 'conversationId', 'direction', 'providerMessageId', 'sentTime', 'readAt'],
});
const writtenColumns = columns(messages, {
  alias: 'm',
  only: ['id', 'conversationId', 'providerMessageId', 'sentTime'],
});
/** A message that was not read before. */
export type WrittenMessage = typeof writtenColumns.$row;

/** A message that a caller names as read. */
export type NamedMessage = typeof namedColumns.$row;

export const selectNamed = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<NamedMessage[]>`
    select ${namedColumns(tx)} from messages m where m.tenant_id = ${tenantId} and m.id = any(${ids as string[]}::uuid[])`;

/** The last message that the customer wrote in a conversation. */
export const selectLastInbound = (tx: Tx, tenantId: string, conversationId: string) =>
  tx<NamedMessage[]>`
    select ${namedColumns(tx)} from messages m
    where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId}
      and m.direction = 'inbound' and m.type <> 'reaction'
    order by m.sent_time desc, m.id desc limit 1`;

/** Unread messages that one call looks at, the newest first. More than a person reads at once. */
const LOOKED_AT = 1000;
/** An answer sets the counter to zero and leaves messages without a time of reading: so many. */
const ANSWERED = 100;

/**
 * Marks the last message that was read in each conversation, and those before it that were not. The
 * caller holds the conversations' locks.
 */
export function writeRead(tx: Tx, tenantId: string, last: readonly NamedMessage[], now: Date) {
  return tx<WrittenMessage[]>`
    with target as (${targets(tx, last)}), seen as (
      select t.id from target t
      union
      select u.id from target t
      join conversations c on c.tenant_id = ${tenantId} and c.id = t.conversation_id
      cross join lateral (${newest(tx, tenantId, tx`greatest(c.unread_count, ${ANSWERED})`)}) u
      where (u.sent_time, u.id) <= (t.sent_time, t.id)
    )
    update messages m set read_at = ${now}
    from seen where m.tenant_id = ${tenantId} and m.id = seen.id and m.direction = 'inbound' and m.read_at is null
    returning ${writtenColumns(tx)}`;
}

/**
 * Sets the counters of unread messages to what is later than the last one read.
 * @returns the conversations whose counter changed
 */
export function countUnread(tx: Tx, tenantId: string, last: readonly NamedMessage[]) {
  return tx<{ id: string }[]>`
    with target as (${targets(tx, last)})
    update conversations c set unread_count = later.count, version = c.version + 1, updated_at = now()
    from (
      select t.conversation_id, (count(*) filter (where (u.sent_time, u.id) > (t.sent_time, t.id)))::int as count
      from target t
      join conversations c on c.tenant_id = ${tenantId} and c.id = t.conversation_id
      left join lateral (${newest(tx, tenantId, tx`c.unread_count`)}) u on true
      group by t.conversation_id
    ) later
    where c.tenant_id = ${tenantId} and c.id = later.conversation_id
      and later.count < least(c.unread_count, ${LOOKED_AT})
    returning c.id`;
}

const targets = (tx: Tx, last: readonly NamedMessage[]) => tx`
  select * from unnest(${last.map((m) => m.conversationId)}::uuid[], ${last.map((m) => m.id)}::uuid[],
                       ${last.map((m) => m.sentTime.toISOString())}::text[]::timestamptz[])
    as t (conversation_id, id, sent_time)`;

/** The newest messages that the customer wrote in the conversation `c`. */
const newest = (tx: Tx, tenantId: string, count: ReturnType<typeof targets>) => tx`
  select m.id, m.sent_time from messages m
  where m.tenant_id = ${tenantId} and m.conversation_id = c.id and m.direction = 'inbound' and m.type <> 'reaction'
  order by m.sent_time desc, m.id desc limit least(${count}, ${LOOKED_AT})`;
