import { PLANS, type PlanName, type Tenant } from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';

export interface TenantRow {
  tenantId: string;
  slug: string;
  name: string;
  plan: PlanName;
  status: Tenant['status'];
  timezone: string;
  language: string;
  settings: Record<string, unknown>;
  createdAt: Date;
}

const columns = (tx: Tx) => tx`
  tenants.tenant_id as "tenantId", tenants.slug, tenants.name, tenants.plan, tenants.status, tenants.timezone,
  tenants.language, tenants.settings, tenants.created_at as "createdAt"`;

/** Inserts a tenant unless its slug is taken: then null. */
export async function insertTenant(
  tx: Tx,
  tenantId: string,
  given: { slug: string; name: string; plan: PlanName },
): Promise<TenantRow | null> {
  const [row] = await tx<TenantRow[]>`
    insert into tenants (tenant_id, slug, name, plan) values (${tenantId}, ${given.slug}, ${given.name}, ${given.plan})
    on conflict (slug) do nothing
    returning ${columns(tx)}`;
  return row ?? null;
}

export const selectTenant = (tx: Tx, tenantId: string) =>
  tx<TenantRow[]>`select ${columns(tx)} from tenants where tenant_id = ${tenantId}`;

/**
 * Locks the tenant until the transaction ends: what is counted against its plan is counted one at a time.
 * @throws NotFound
 */
export async function lockTenant(tx: Tx, tenantId: string): Promise<TenantRow> {
  const [row] = await tx<TenantRow[]>`
    select ${columns(tx)} from tenants where tenant_id = ${tenantId} for no key update`;
  if (!row) throw new NotFound('tenant', tenantId);
  return row;
}

/** @throws NotFound */
export async function getTenant(db: Database, tenantId: string): Promise<TenantRow> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectTenant(tx, tenantId)]);
  if (!row) throw new NotFound('tenant', tenantId);
  return row;
}

/** The tenant as the internal API shows it, its plan's limits included. */
export function tenantView(row: TenantRow): Tenant {
  const { tenantId, createdAt, ...rest } = row;
  const { maxUsers, maxChannels, maxMessages, maxConversations } = PLANS[row.plan];
  return {
    id: tenantId,
    ...rest,
    limits: { maxUsers, maxChannels, maxMessages, maxConversations },
    createdAt: createdAt.toISOString(),
  };
}
