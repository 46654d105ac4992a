import type { Sql, Tx } from '@recado/database';
import { columns } from '@recado/database';
import { openingCounts } from '../../schema.ts';

const keyColumns = columns(openingCounts, { only: ['tenantId', 'owner'] });
/** An account of a tenant, as far as its provider counts whom it writes to. */
export type OwnerKey = typeof keyColumns.$row;

/** A customer who is written to first. */
export interface Opening {
  recipient: string;
  openedAt: Date;
  /** Null when several messages go to that customer. */
  messageId: string | null;
}

/** Locks an account's count until the transaction ends, without what is before `since`. */
export async function lockOpenings(tx: Tx, { tenantId, owner }: OwnerKey, since: Date, now: Date): Promise<number> {
  await tx`
    insert into opening_counts as c (tenant_id, owner, used, swept_at) values (${tenantId}, ${owner}, 0, ${now})
    on conflict (tenant_id, owner) do update set used = c.used`;
  const [row] = await tx<{ used: number }[]>`
    with gone as (
      delete from openings where tenant_id = ${tenantId} and owner = ${owner} and opened_at <= ${since} returning 1
    )
    update opening_counts set used = used - (select count(*)::int from gone), swept_at = ${now}
    where tenant_id = ${tenantId} and owner = ${owner} returning used`;
  return row!.used;
}

export async function findOpened(tx: Tx, { tenantId, owner }: OwnerKey, recipients: string[]): Promise<Set<string>> {
  const rows = await tx<{ recipient: string }[]>`
    select recipient from openings
    where tenant_id = ${tenantId} and owner = ${owner} and recipient = any(${recipients})`;
  return new Set(rows.map(({ recipient }) => recipient));
}

/**
 * Notes customers who are written to, each once. One who was counted before keeps counting from the
 * later time, and a failed message does not take that back any more.
 */
export async function addOpenings(tx: Tx, { tenantId, owner }: OwnerKey, openings: readonly Opening[]): Promise<void> {
  await tx`
    with added as (
      insert into openings as o (tenant_id, owner, recipient, opened_at, message_id)
      select ${tenantId}, ${owner}, r, at, m
      from unnest(${openings.map((one) => one.recipient)}::text[],
                  ${openings.map((one) => one.openedAt.toISOString())}::timestamptz[],
                  ${openings.map((one) => one.messageId)}::uuid[]) as n (r, at, m)
      on conflict (tenant_id, owner, recipient) do update
        set opened_at = greatest(o.opened_at, excluded.opened_at), message_id = null
      returning (xmax = 0)::int as is_new
    )
    update opening_counts set used = used + (select coalesce(sum(is_new), 0)::int from added)
    where tenant_id = ${tenantId} and owner = ${owner}`;
}

/** Takes back what messages opened that never reached their customers. */
export async function releaseOpenings(
  tx: Tx,
  messages: readonly { tenantId: string; messageId: string }[],
): Promise<void> {
  const ids = tx`
    select * from unnest(${messages.map((one) => one.tenantId)}::uuid[], ${messages.map((one) => one.messageId)}::uuid[])`;
  // Counts are locked first and in order, as by those who add.
  const locked = await tx`
    select ${keyColumns(tx)} from opening_counts
    where (tenant_id, owner) in (select o.tenant_id, o.owner from openings o where (o.tenant_id, o.message_id) in (${ids}))
    order by tenant_id, owner collate "C" for update`;
  if (locked.length === 0) return;
  await tx`
    with gone as (
      delete from openings where (tenant_id, message_id) in (${ids}) returning tenant_id, owner
    ), fewer as (select tenant_id, owner, count(*)::int as n from gone group by 1, 2)
    update opening_counts c set used = c.used - fewer.n from fewer
    where c.tenant_id = fewer.tenant_id and c.owner = fewer.owner`;
}

/** Accounts whose count was last looked at before that time. Worker role. */
export const listStaleOpenings = (sql: Sql, before: Date, limit: number) =>
  sql<OwnerKey[]>`
    select ${keyColumns(sql)} from opening_counts where used > 0 and swept_at < ${before} order by swept_at limit ${limit}`;
