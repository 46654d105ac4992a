import { columns, type Tx } from '@recado/database';
import { pendingReplies } from '../schema.ts';
import type { LiveReply } from './burst.ts';
import type { ConversationKey, Turn } from './turns.ts';

type PendingReply = typeof pendingReplies.$inferSelect;

/** A customer's message that waits for its timer, or was superseded in the same batch. */
export interface NewReply
  extends Pick<PendingReply, 'tenantId' | 'inboundMessageId' | 'conversationId' | 'inboundAt' | 'isNew'> {
  state: 'waiting' | 'superseded';
  burstAt: Date;
  fireAt: Date;
  traceparent: string | undefined;
}

/** The key of a reply; the table is `p`. */
export const replyKey = columns(pendingReplies, { alias: 'p', only: ['tenantId', 'inboundMessageId'] });
type ReplyKey = typeof replyKey.$row;
const liveColumns = columns(pendingReplies, {
  alias: 'p',
  only: ['tenantId', 'conversationId', 'inboundMessageId', 'state', 'isNew'],
});

/** Writes replies down. Repeats change nothing. */
export async function insertReplies(tx: Tx, replies: readonly NewReply[]): Promise<void> {
  const of = (key: 'tenantId' | 'inboundMessageId' | 'conversationId' | 'state') => replies.map((reply) => reply[key]);
  // As texts: postgres.js takes the type of an array of dates or booleans for that of its first
  // element.
  const times = (key: 'inboundAt' | 'fireAt' | 'burstAt') => replies.map((reply) => reply[key].toISOString());
  const isNew = replies.map((reply) => String(reply.isNew));
  await tx`
    insert into pending_replies (tenant_id, inbound_message_id, conversation_id, state, inbound_at, is_new, next_try_at, burst_at, traceparent)
    select tenant_id, inbound, conversation, state, inbound_at, is_new, fire_at, burst_at, traceparent
    from unnest(${of('tenantId')}::uuid[], ${of('inboundMessageId')}::uuid[], ${of('conversationId')}::uuid[],
                ${of('state')}::text[], ${times('inboundAt')}::timestamptz[], ${isNew}::text[]::boolean[],
                ${times('fireAt')}::timestamptz[], ${times('burstAt')}::timestamptz[],
                ${replies.map((reply) => reply.traceparent ?? null)}::text[])
         as reply (tenant_id, inbound, conversation, state, inbound_at, is_new, fire_at, burst_at, traceparent)
    on conflict do nothing`;
}

/** The replies of locked conversations that are not settled, the earliest first. */
export const selectLive = (tx: Tx, turns: readonly Turn[]) =>
  tx<(LiveReply & ConversationKey)[]>`
    with turns as (
      select * from unnest(${turns.map((t) => t.tenantId)}::uuid[], ${turns.map((t) => t.conversationId)}::uuid[],
                           ${turns.map((t) => t.workingId)}::uuid[]) as t (tenant_id, conversation_id, working_id)
    )
    select * from (
      select ${liveColumns(tx)}, coalesce(p.burst_at, p.inbound_at) as "burstAt"
      from turns join pending_replies p using (tenant_id, conversation_id) where p.state in ('waiting', 'due')
      union all
      select ${liveColumns(tx)}, coalesce(p.burst_at, p.inbound_at)
      from turns t join pending_replies p on p.tenant_id = t.tenant_id and p.inbound_message_id = t.working_id
      where p.state = 'working'
    ) live order by "inboundMessageId"`;

/** Those of the replies that a later message makes superfluous. The turns are locked. */
export async function supersede(tx: Tx, replies: readonly ReplyKey[]): Promise<void> {
  if (replies.length === 0) return;
  await tx`
    update pending_replies p set state = 'superseded', updated_at = now()
    from unnest(${replies.map((r) => r.tenantId)}::uuid[], ${replies.map((r) => r.inboundMessageId)}::uuid[])
      as n (tenant_id, inbound_message_id)
    where p.tenant_id = n.tenant_id and p.inbound_message_id = n.inbound_message_id
      and p.state in ('waiting', 'due', 'working')`;
}

/** The line that opened the conversation came after these: they greet. The turns are locked. */
export async function greetWith(tx: Tx, replies: readonly ReplyKey[]): Promise<void> {
  if (replies.length === 0) return;
  await tx`
    update pending_replies p set is_new = true
    from unnest(${replies.map((r) => r.tenantId)}::uuid[], ${replies.map((r) => r.inboundMessageId)}::uuid[])
      as n (tenant_id, inbound_message_id)
    where p.tenant_id = n.tenant_id and p.inbound_message_id = n.inbound_message_id and p.state in ('waiting', 'due')`;
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
