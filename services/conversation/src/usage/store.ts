import type { Tx } from '@recado/database';

/**
 * Adds to the messages of a tenant's month if the limit allows all of them; false when it does not. Either way the month is locked until the
 * transaction ends: those who send at the same moment are counted one after the other.
 */
export async function addMessages(
  tx: Tx,
  tenantId: string,
  month: string,
  count: number,
  limit: number | null,
): Promise<boolean> {
  const rows = await tx`
    insert into usage_months as u (tenant_id, month, messages)
    select ${tenantId}::uuid, ${month}::date, ${count}::bigint where ${limit}::bigint is null or ${count}::bigint <= ${limit}::bigint
    on conflict (tenant_id, month) do update set messages = u.messages + excluded.messages
    where ${limit}::bigint is null or u.messages + excluded.messages <= ${limit}::bigint
    returning u.messages`;
  return rows.length > 0;
}

/** Messages counted in a month so far. */
export async function findMessages(tx: Tx, tenantId: string, month: string): Promise<number> {
  const [row] = await tx<{ messages: string }[]>`
    select messages from usage_months where tenant_id = ${tenantId} and month = ${month}`;
  return Number(row?.messages ?? 0);
}

/** Conversations that are not closed, by the index that holds only those; counting ends at `atMost`. */
export async function countOpen(tx: Tx, tenantId: string, atMost: number | null = null): Promise<number> {
  const [row] = await tx<{ open: number }[]>`
    select count(*)::int as open from (
      select from conversations where tenant_id = ${tenantId} and status <> 'closed' limit ${atMost}
    ) counted`;
  return row!.open;
}
