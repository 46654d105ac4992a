import type { Tx } from '@recado/database';

/** Rows that the messages of an unlimited tenant's month spread over. */
const SLOTS = 16;

/** Adds to the messages of an unlimited tenant's month; connections rarely meet in the same row. */
export function addUnlimited(tx: Tx, tenantId: string, month: string, count: number) {
  return tx`
    insert into usage_months as u (tenant_id, month, slot, messages)
    values (${tenantId}, ${month}, 1 + pg_backend_pid() % ${SLOTS}::int, ${count})
    on conflict (tenant_id, month, slot) do update set messages = u.messages + excluded.messages`;
}

/**
 * Adds to a tenant's month if the limit allows all; false when not. The month is locked until the
 * transaction ends, so parallel sends are counted one after the other.
 */
export async function addWithin(
  tx: Tx,
  tenantId: string,
  month: string,
  count: number,
  limit: number,
): Promise<boolean> {
  // Other slots hold what was sent before the plan had a limit.
  const others = tx`(
    select coalesce(sum(o.messages), 0) from usage_months o
    where o.tenant_id = ${tenantId} and o.month = ${month} and o.slot <> 0)`;
  const rows = await tx`
    insert into usage_months as u (tenant_id, month, slot, messages)
    select ${tenantId}::uuid, ${month}::date, 0, ${count}::bigint where ${count}::bigint + ${others} <= ${limit}::bigint
    on conflict (tenant_id, month, slot) do update set messages = u.messages + excluded.messages
    where u.messages + excluded.messages + ${others} <= ${limit}::bigint
    returning 1`;
  return rows.length > 0;
}

/** Messages counted in a month so far. */
export async function findMessages(tx: Tx, tenantId: string, month: string): Promise<number> {
  const [row] = await tx<{ messages: string }[]>`
    select coalesce(sum(messages), 0) as messages from usage_months where tenant_id = ${tenantId} and month = ${month}`;
  return Number(row!.messages);
}

/**
 * Conversations that are not closed, by the index that holds only those; counting ends at `atMost`.
 */
export async function countOpen(tx: Tx, tenantId: string, atMost: number): Promise<number> {
  const [row] = await tx<{ open: number }[]>`
    select count(*)::int as open from (
      select from conversations where tenant_id = ${tenantId} and status <> 'closed' limit ${atMost}
    ) counted`;
  return row!.open;
}
