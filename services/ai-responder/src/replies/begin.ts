import { columns, type Tx } from '@recado/database';
import { pendingReplies } from '../schema.ts';
import { FREE_AFTER } from './store.ts';
import { endTurn, lockTurn, saveTurns, type Turn } from './turns.ts';

const replyColumns = columns(pendingReplies, {
  only: [
    'tenantId',
    'inboundMessageId',
    'conversationId',
    'inboundAt',
    'burstAt',
    'isNew',
    'claims',
    'failures',
    'traceparent',
  ],
});
const foundColumns = columns(pendingReplies, { only: ['state', 'conversationId', 'inboundAt'] });
/**
 * A reply that this process works on. `claims`: times it was begun without an end, this one
 * included.
 */
export type Reply = typeof replyColumns.$row & Pick<Turn, 'answers' | 'handedOffAt'>;

/**
 * Begins a due reply, one at a time in a conversation.
 * @returns why not: it has ended, the version before holds it, or another reply comes first
 */
export async function beginReply(
  tx: Tx,
  tenantId: string,
  inboundMessageId: string,
): Promise<Reply | 'ended' | 'held' | 'busy'> {
  const row = await findReply(tx, tenantId, inboundMessageId);
  if (!row) return 'ended';
  const turn = await lockTurn(tx, { tenantId, conversationId: row.conversationId });
  if (await isBusy(tx, turn, inboundMessageId, row.inboundAt)) return 'busy';
  const [begun] = await tx<(typeof replyColumns.$row)[]>`
    update pending_replies
    set state = 'working', claims = claims + 1, lease_id = null, updated_at = now(),
        next_try_at = now() + ${FREE_AFTER}::interval
    where tenant_id = ${tenantId} and inbound_message_id = ${inboundMessageId}
      and (state = 'due' or (state = 'working' and (lease_id is null or next_try_at <= now())))
    returning ${replyColumns(tx)}`;
  if (!begun) return (await findReply(tx, tenantId, inboundMessageId))?.state === 'working' ? 'held' : 'ended';
  await saveTurns(tx, [{ ...turn, workingId: inboundMessageId }]);
  return { ...begun, answers: turn.answers, handedOffAt: turn.handedOffAt };
}

async function findReply(tx: Tx, tenantId: string, inboundMessageId: string) {
  const [row] = await tx<(typeof foundColumns.$row)[]>`
    select ${foundColumns(tx)} from pending_replies
    where tenant_id = ${tenantId} and inbound_message_id = ${inboundMessageId}`;
  return row;
}

/** Whether another reply of the conversation is being written, or an earlier one is to be. */
async function isBusy(tx: Tx, turn: Turn, inboundMessageId: string, inboundAt: Date): Promise<boolean> {
  const { tenantId, conversationId, workingId } = turn;
  if (workingId !== null && workingId !== inboundMessageId) {
    const other = await findReply(tx, tenantId, workingId);
    if (other?.state === 'working') return true;
  }
  const earlier = await tx`
    select from pending_replies
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and state in ('waiting', 'due')
      and state = 'due' and (inbound_at, inbound_message_id) < (${inboundAt}::timestamptz, ${inboundMessageId}::uuid)
    limit 1`;
  return earlier.length > 0;
}

/**
 * Ends a reply and its turn. @returns false when a later message superseded it, or a copy of the
 * version before took it: then nothing of it goes out
 */
export async function endReply(
  tx: Tx,
  reply: Reply,
  state: 'done' | 'dropped' | 'handed_off',
  reason: string | null,
): Promise<boolean> {
  await lockTurn(tx, reply);
  const rows = await tx`
    update pending_replies set state = ${state}, reason = ${reason}, updated_at = now()
    where tenant_id = ${reply.tenantId} and inbound_message_id = ${reply.inboundMessageId}
      and state = 'working' and lease_id is null returning 1`;
  const ended = rows.length > 0;
  await endTurn(tx, reply, ended && state !== 'dropped' ? state : null);
  return ended;
}

/** Puts a reply off, so its claim does not count. `failed`: the model failed once more. */
export async function postponeReply(tx: Tx, reply: Reply, failed: boolean): Promise<void> {
  await lockTurn(tx, reply);
  await tx`
    update pending_replies
    set state = 'due', claims = 0, failures = failures + ${failed ? 1 : 0}, updated_at = now(),
        next_try_at = now() + ${FREE_AFTER}::interval
    where tenant_id = ${reply.tenantId} and inbound_message_id = ${reply.inboundMessageId}
      and state = 'working' and lease_id is null`;
  await endTurn(tx, reply, null);
}
