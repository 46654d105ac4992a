import { columns, type Tx } from '@recado/database';
import { pendingReplies } from '../schema.ts';
import { FREE_AFTER } from './store.ts';

const replyColumns = columns(pendingReplies, {
  only: ['tenantId', 'inboundMessageId', 'conversationId', 'inboundAt', 'isNew', 'claims', 'failures', 'traceparent'],
});
/**
 * A reply that this process works on. `claims`: times it was begun without an end, this one
 * included.
 */
export type Reply = typeof replyColumns.$row;

/**
 * Begins a due reply: from now on a later message does not supersede it.
 * `ended`: there is nothing to do any more. `held`: a copy of the version before works on it.
 */
export async function beginReply(
  tx: Tx,
  tenantId: string,
  inboundMessageId: string,
): Promise<Reply | 'ended' | 'held'> {
  const [begun] = await tx<Reply[]>`
    update pending_replies
    set state = 'working', claims = claims + 1, lease_id = null, updated_at = now(),
        next_try_at = now() + ${FREE_AFTER}::interval
    where tenant_id = ${tenantId} and inbound_message_id = ${inboundMessageId}
      and (state = 'due' or (state = 'working' and (lease_id is null or next_try_at <= now())))
    returning ${replyColumns(tx)}`;
  if (begun) return begun;
  const [row] = await tx<{ state: string }[]>`
    select state from pending_replies where tenant_id = ${tenantId} and inbound_message_id = ${inboundMessageId}`;
  return row?.state === 'working' ? 'held' : 'ended';
}

/** Ends a reply; false when a copy of the version before took it: then that copy decides. */
export async function endReply(
  tx: Tx,
  reply: Reply,
  state: 'done' | 'dropped' | 'handed_off',
  reason: string | null,
): Promise<boolean> {
  const rows = await tx`
    update pending_replies set state = ${state}, reason = ${reason}, updated_at = now()
    where tenant_id = ${reply.tenantId} and inbound_message_id = ${reply.inboundMessageId}
      and state = 'working' and lease_id is null returning 1`;
  return rows.length > 0;
}

/** Puts a reply off, so its claim does not count. `failed`: the model failed once more. */
export async function postponeReply(tx: Tx, reply: Reply, failed: boolean): Promise<void> {
  await tx`
    update pending_replies
    set state = 'due', claims = 0, failures = failures + ${failed ? 1 : 0}, updated_at = now(),
        next_try_at = now() + ${FREE_AFTER}::interval
    where tenant_id = ${reply.tenantId} and inbound_message_id = ${reply.inboundMessageId}
      and state = 'working' and lease_id is null`;
}
