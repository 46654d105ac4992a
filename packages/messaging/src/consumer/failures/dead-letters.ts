import type { DeadLetterRow } from '../../tables.ts';
import type { Sql } from '../../types.ts';

export type DeadLetter = DeadLetterRow;

export interface DeadLetterFilter {
  consumer?: string;
  tenantId?: string;
  ids?: readonly string[];
}

/**
 * Parked events of one service, the latest first; those replayed with success are left out unless
 * asked for.
 */
export function listDeadLetters(
  sql: Sql,
  filter: DeadLetterFilter & { limit?: number; includeReplayed?: boolean } = {},
): Promise<DeadLetter[]> {
  const { limit = 100, includeReplayed = false } = filter;
  return sql<DeadLetter[]>`
    select id, tenant_id as "tenantId", consumer, event_id as "eventId", subject, envelope, error, tries,
           parked_at as "parkedAt", replay_requested_at as "replayRequestedAt", replayed_at as "replayedAt"
    from dead_letters
    where ${matching(sql, filter)} and (${includeReplayed} or replayed_at is null)
    order by parked_at desc limit ${limit}`;
}

/**
 * Asks for another try of parked events; without a filter, of all of them. The consumer that parked
 * them, and no other, handles them within some 2 s of running. Returns how many were asked for.
 */
export async function replayDeadLetters(sql: Sql, filter: DeadLetterFilter = {}): Promise<number> {
  const { count } = await sql`
    update dead_letters set replay_requested_at = now()
    where ${matching(sql, filter)} and replayed_at is null and replay_requested_at is null`;
  return count;
}

function matching(sql: Sql, { consumer, tenantId, ids }: DeadLetterFilter) {
  const byConsumer = consumer === undefined ? sql`true` : sql`consumer = ${consumer}`;
  const byTenant = tenantId === undefined ? sql`true` : sql`tenant_id = ${tenantId}`;
  const byId = ids === undefined ? sql`true` : sql`id = any(${[...ids]}::uuid[])`;
  return sql`${byConsumer} and ${byTenant} and ${byId}`;
}
