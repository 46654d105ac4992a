import { latestOf, type Tx } from '@recado/database';
import type { conversationStates } from '../schema.ts';

export interface ConversationState
  extends Pick<typeof conversationStates.$inferSelect, 'tenantId' | 'conversationId' | 'open'> {
  /** Of the event, ISO 8601. */
  changedAt: string;
}

/**
 * Remembers the latest state of each conversation. Of two events the later one counts, whichever
 * comes first.
 */
export async function saveStates(tx: Tx, states: readonly ConversationState[]): Promise<void> {
  const rows = latestOf(
    states,
    ({ conversationId }) => conversationId,
    ({ changedAt }) => changedAt,
  );
  if (rows.length === 0) return;
  // postgres.js takes an array of booleans for one boolean: they travel as text.
  await tx`
    insert into conversation_states (tenant_id, conversation_id, open, changed_at)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.conversationId)}::uuid[], ${rows.map((r) => String(r.open))}::text[]::boolean[], ${rows.map((r) => r.changedAt)}::timestamptz[])
    on conflict (tenant_id, conversation_id) do update set open = excluded.open, changed_at = excluded.changed_at
    where conversation_states.changed_at <= excluded.changed_at`;
}
