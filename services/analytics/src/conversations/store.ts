import type { Tx } from '@recado/messaging';

export interface ConversationState {
  tenantId: string;
  conversationId: string;
  open: boolean;
  /** Of the event, ISO 8601. */
  changedAt: string;
}

/**
 * Remembers the latest state of each conversation. Of two events the later one counts, whichever
 * comes first.
 */
export async function saveStates(tx: Tx, states: readonly ConversationState[]): Promise<void> {
  const latest = new Map<string, ConversationState>();
  for (const state of states) {
    const known = latest.get(state.conversationId);
    if (!known || known.changedAt <= state.changedAt) latest.set(state.conversationId, state);
  }
  const rows = [...latest.values()].sort((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
  if (rows.length === 0) return;
  // postgres.js takes an array of booleans for one boolean: they travel as text.
  await tx`
    insert into conversation_states (tenant_id, conversation_id, open, changed_at)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.conversationId)}::uuid[], ${rows.map((r) => String(r.open))}::text[]::boolean[], ${rows.map((r) => r.changedAt)}::timestamptz[])
    on conflict (tenant_id, conversation_id) do update set open = excluded.open, changed_at = excluded.changed_at
    where conversation_states.changed_at <= excluded.changed_at`;
}
