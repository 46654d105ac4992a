import { columns, type Tx } from '@recado/database';
import { conversationTurns } from '../schema.ts';

const turnColumns = columns(conversationTurns, { alias: 't', except: ['updatedAt'] });
/** Whose turn it is in a conversation. Only who holds its lock changes the replies there. */
export type Turn = typeof turnColumns.$row;

export type ConversationKey = Pick<Turn, 'tenantId' | 'conversationId'>;
export const nameOf = ({ tenantId, conversationId }: ConversationKey): string => `${tenantId} ${conversationId}`;

/** The keys once each, in the common order of locks. */
function inOrder(keys: readonly ConversationKey[]): ConversationKey[] {
  const unique = new Map(keys.map((key) => [nameOf(key), key]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, key]) => key);
}

/** Locks the turns of conversations, and makes those that are missing. Returns them by name. */
export async function lockTurns(tx: Tx, conversations: readonly ConversationKey[]): Promise<Map<string, Turn>> {
  const keys = inOrder(conversations);
  const rows = await tx<Turn[]>`
    insert into conversation_turns as t (tenant_id, conversation_id)
    select * from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.conversationId)}::uuid[])
    on conflict (tenant_id, conversation_id) do update set updated_at = now()
    returning ${turnColumns(tx)}`;
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** The turn of one conversation, locked. */
export async function lockTurn(tx: Tx, key: ConversationKey): Promise<Turn> {
  return (await lockTurns(tx, [key])).get(nameOf(key))!;
}

/** Writes changed turns. The caller holds their locks. */
export async function saveTurns(tx: Tx, turns: readonly Turn[]): Promise<void> {
  if (turns.length === 0) return;
  await tx`
    update conversation_turns t
    set last_inbound_id = n.last_inbound_id, last_inbound_at = n.last_inbound_at, working_id = n.working_id, updated_at = now()
    from unnest(${turns.map((t) => t.tenantId)}::uuid[], ${turns.map((t) => t.conversationId)}::uuid[],
                ${turns.map((t) => t.lastInboundId)}::uuid[],
                ${turns.map((t) => t.lastInboundAt?.toISOString() ?? null)}::timestamptz[],
                ${turns.map((t) => t.workingId)}::uuid[])
      as n (tenant_id, conversation_id, last_inbound_id, last_inbound_at, working_id)
    where t.tenant_id = n.tenant_id and t.conversation_id = n.conversation_id`;
}

/** The reply is worked on no more. The caller holds the turn's lock. */
export async function endTurn(
  tx: Tx,
  { tenantId, conversationId, inboundMessageId }: ConversationKey & { inboundMessageId: string },
  end: 'done' | 'handed_off' | null,
): Promise<void> {
  await tx`
    update conversation_turns t set
      working_id = null, updated_at = now(),
      answers = case when ${end === 'done'} then (array_prepend(now()::timestamptz(3), t.answers))[1:${KEPT_ANSWERS}] else t.answers end,
      handed_off_at = case when ${end === 'handed_off'} then now() else t.handed_off_at end
    where t.tenant_id = ${tenantId} and t.conversation_id = ${conversationId} and t.working_id = ${inboundMessageId}`;
}

/** Answers whose times are kept: enough to see a loop. */
const KEPT_ANSWERS = 50;

/** Forgets conversations that were silent for a week. At most 10,000 rows. */
export async function pruneTurns(tx: Tx): Promise<void> {
  await tx`
    delete from conversation_turns where ctid in (
      select ctid from conversation_turns where updated_at < now() - interval '7 days' limit 10000)`;
}
