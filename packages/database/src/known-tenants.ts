import { columns } from './columns.ts';
import type { Database, Tx } from './connect.ts';
import { latestOf } from './latest.ts';
import { tenants } from './schema.ts';
import { readTenant, withTenant } from './tenant.ts';

/** A tenant as services other than its owner know it. */
export interface KnownTenant extends TenantPlan {
  /** Of the event it was learned from, ISO 8601. */
  changedAt: string;
}

/**
 * Remembers tenants (tables.ts). Of two states of a tenant the later one counts, in any order of
 * arrival.
 */
export async function saveTenants(tx: Tx, known: readonly KnownTenant[]): Promise<void> {
  const rows = latestOf(
    known,
    ({ tenantId }) => tenantId,
    ({ changedAt }) => changedAt,
  );
  if (rows.length === 0) return;
  await tx`
    insert into tenants (tenant_id, plan, timezone, country, changed_at)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.plan)}::text[],
                         ${rows.map((r) => r.timezone)}::text[], ${rows.map((r) => r.country ?? null)}::text[],
                         ${rows.map((r) => r.changedAt)}::text[]::timestamptz[])
    on conflict (tenant_id) do update
      set plan = excluded.plan, timezone = excluded.timezone, country = excluded.country, changed_at = excluded.changed_at
    where tenants.changed_at <= excluded.changed_at`;
}

/** What decides over a tenant's limits, days and phones. */
export type TenantPlan = typeof planColumns.$row;
const planColumns = columns(tenants, { except: ['changedAt'] });

/** The tenants that are known of these. */
export function findTenants(tx: Tx, tenantIds: readonly string[]) {
  return tx<TenantPlan[]>`
    select ${planColumns(tx)} from tenants
    where tenant_id = any(${tenantIds as string[]}::uuid[])`;
}

/**
 * A tenant, locked until the transaction ends: what is counted against its plan is counted one at a
 * time. TenantDirectory.ensure() comes before.
 * @throws TenantUnknown
 */
export async function lockTenant(tx: Tx, tenantId: string): Promise<TenantPlan> {
  const [tenant] = await tx<TenantPlan[]>`
    select ${planColumns(tx)} from tenants where tenant_id = ${tenantId} for no key update`;
  if (!tenant) throw new TenantUnknown([tenantId]);
  return tenant;
}

/** Nothing is known of these tenants yet; trying again makes sense. */
export class TenantUnknown extends Error {
  override readonly name = 'TenantUnknown';
  constructor(tenantIds: readonly string[]) {
    super(`Not known yet: tenant ${tenantIds.join(', ')}`);
  }
}

export interface TenantDirectory {
  /**
   * Makes sure that the tenant is known. Asks its owner once when no event has come yet.
   * @throws what `ask` threw
   */
  ensure(tenantId: string): Promise<void>;
  /**
   * For consumers. A transaction makes no call: an unknown tenant is asked for beside it, and the
   * events come again.
   * @throws TenantUnknown
   */
  get(tx: Tx, tenantIds: readonly string[]): Promise<Map<string, TenantPlan>>;
}

/**
 * For how long a tenant once known is not looked for again: it is never forgotten, so this only
 * bounds memory.
 */
const MAX_REMEMBERED = 50_000;

/**
 * Makes sure that a tenant's row exists before it is needed. Events fill the table; a tenant whose
 * event has not come yet is asked for and stored.
 * @param db the pool of the tenant-scoped role
 * @param ask the owner's answer; its `changedAt` is not later than the last event that it includes
 */
export function createTenantDirectory(
  db: Database,
  ask: (tenantId: string) => Promise<Omit<KnownTenant, 'tenantId'>>,
): TenantDirectory {
  const known = new Set<string>();
  const asking = new Map<string, Promise<void>>();

  async function learn(tenantId: string): Promise<void> {
    const [[found]] = await readTenant(db, tenantId, (tx) => [findTenants(tx, [tenantId])]);
    if (!found) {
      const tenant = await ask(tenantId);
      await withTenant(db, tenantId, (tx) => saveTenants(tx, [{ ...tenant, tenantId }]));
    }
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.add(tenantId);
  }

  async function ensure(tenantId: string): Promise<void> {
    if (known.has(tenantId)) return;
    let asked = asking.get(tenantId);
    if (!asked) {
      asked = learn(tenantId).finally(() => asking.delete(tenantId));
      asking.set(tenantId, asked);
    }
    await asked;
  }

  return {
    ensure,
    async get(tx, tenantIds) {
      const wanted = [...new Set(tenantIds)];
      const found = new Map((await findTenants(tx, wanted)).map((tenant) => [tenant.tenantId, tenant]));
      const missing = wanted.filter((tenantId) => !found.has(tenantId));
      if (missing.length === 0) return found;
      for (const tenantId of missing) {
        known.delete(tenantId);
        ensure(tenantId).catch(() => {});
      }
      throw new TenantUnknown(missing);
    },
  };
}
