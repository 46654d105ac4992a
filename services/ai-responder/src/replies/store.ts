import { columns, type Tx } from '@recado/database';
import { pendingReplies } from '../schema.ts';

type PendingReply = typeof pendingReplies.$inferSelect;

/** A customer's message that waits for its timer. */
export interface NewReply
  extends Pick<PendingReply, 'tenantId' | 'inboundMessageId' | 'conversationId' | 'inboundAt' | 'isNew'> {
  fireAt: Date;
  traceparent: string | undefined;
}

export type ConversationKey = Pick<PendingReply, 'tenantId' | 'conversationId'>;

const supersededColumns = columns(pendingReplies, {
  alias: 'earlier',
  only: ['inboundMessageId', 'tenantId', 'conversationId', 'isNew'],
});
/** The key of a reply; the table is `p`. */
export const replyKey = columns(pendingReplies, { alias: 'p', only: ['tenantId', 'inboundMessageId'] });

/**
 * Writes replies down and returns the ids of the messages that were new: repeats change nothing.
 */
export async function insertWaiting(tx: Tx, replies: readonly NewReply[]): Promise<Set<string>> {
  const of = (key: 'tenantId' | 'inboundMessageId' | 'conversationId') => replies.map((reply) => reply[key]);
  // As texts: postgres.js takes the type of an array of dates or booleans for that of its first
  // element.
  const times = (key: 'inboundAt' | 'fireAt') => replies.map((reply) => reply[key].toISOString());
  const isNew = replies.map((reply) => String(reply.isNew));
  const rows = await tx<{ id: string }[]>`
    insert into pending_replies (tenant_id, inbound_message_id, conversation_id, state, inbound_at, is_new, next_try_at, traceparent)
    select tenant_id, inbound, conversation, 'waiting', inbound_at, is_new, fire_at, traceparent
    from unnest(${of('tenantId')}::uuid[], ${of('inboundMessageId')}::uuid[], ${of('conversationId')}::uuid[],
                ${times('inboundAt')}::timestamptz[], ${isNew}::text[]::boolean[], ${times('fireAt')}::timestamptz[],
                ${replies.map((reply) => reply.traceparent ?? null)}::text[])
         as reply (tenant_id, inbound, conversation, inbound_at, is_new, fire_at, traceparent)
    on conflict do nothing returning inbound_message_id as id`;
  return new Set(rows.map((row) => row.id));
}

/**
 * Keeps the reply to a conversation's latest message and supersedes the earlier ones not begun. It
 * answers them too, and greets if one opened the conversation.
 * @returns the messages superseded
 */
export async function supersedeEarlier(tx: Tx, conversations: readonly ConversationKey[]): Promise<Set<string>> {
  const tenants = conversations.map((c) => c.tenantId);
  const ids = conversations.map((c) => c.conversationId);
  const gone = await tx<(typeof supersededColumns.$row)[]>`
    update pending_replies earlier set state = 'superseded', updated_at = now()
    where (tenant_id, conversation_id) in (select * from unnest(${tenants}::uuid[], ${ids}::uuid[]))
      and state in ('waiting', 'due')
      and exists (select from pending_replies later
                  where later.tenant_id = earlier.tenant_id and later.conversation_id = earlier.conversation_id
                    and later.state in ('waiting', 'due') and later.inbound_message_id > earlier.inbound_message_id)
    returning ${supersededColumns(tx)}`;
  const greeted = gone.filter((row) => row.isNew);
  if (greeted.length > 0) {
    await tx`
      update pending_replies set is_new = true
      where (tenant_id, conversation_id) in (
              select * from unnest(${greeted.map((row) => row.tenantId)}::uuid[], ${greeted.map((row) => row.conversationId)}::uuid[]))
        and state in ('waiting', 'due')`;
  }
  return new Set(gone.map((row) => row.inboundMessageId));
}

/**
 * Until then a due reply belongs to its job. Afterwards the version before may take it, which
 * claims rows by `next_try_at`.
 */
export const FREE_AFTER = '10 minutes';

/** The conversations' timers fired: what waits there is due. Returns it. */
export function markDue(tx: Tx, conversations: readonly ConversationKey[]) {
  return tx<(typeof replyKey.$row)[]>`
    update pending_replies p set state = 'due', next_try_at = now() + ${FREE_AFTER}::interval, updated_at = now()
    where (tenant_id, conversation_id) in (
            select * from unnest(${conversations.map((c) => c.tenantId)}::uuid[], ${conversations.map((c) => c.conversationId)}::uuid[]))
      and state = 'waiting'
    returning ${replyKey(tx)}`;
}

/**
 * Drops replies that came to their end a week ago; events are repeated for 72 hours at most. At
 * most 10,000 rows.
 */
export async function pruneReplies(tx: Tx): Promise<void> {
  await tx`
    delete from pending_replies where ctid in (
      select ctid from pending_replies where created_at < now() - interval '7 days' limit 10000)`;
}
