import type { Tx } from '@recado/database';

/**
 * Lets one transaction at a time decide who gets the chats of a tenant, with any number of copies.
 * Taken before any conversation's lock, and for tenants in their order.
 */
export async function lockRouting(tx: Tx, tenantIds: readonly string[]): Promise<void> {
  const ids = [...new Set(tenantIds)].sort();
  await tx`
    select pg_advisory_xact_lock(hashtextextended('routing ' || id, 0))
    from unnest(${ids}::text[]) with ordinality as t (id, n) order by n`;
}
