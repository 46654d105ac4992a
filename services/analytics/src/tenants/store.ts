import type { Tx } from '@recado/messaging';

export interface KnownTenant {
  tenantId: string;
  timezone: string;
  /** Of the event it was learned from, ISO 8601. */
  changedAt: string;
}

/** Remembers tenants' time zones; the latest event of each counts. */
export async function saveTenants(tx: Tx, tenants: readonly KnownTenant[]): Promise<void> {
  const latest = new Map<string, KnownTenant>();
  for (const tenant of tenants) {
    const known = latest.get(tenant.tenantId);
    if (!known || known.changedAt <= tenant.changedAt) latest.set(tenant.tenantId, tenant);
  }
  const rows = [...latest.values()].sort((a, b) => (a.tenantId < b.tenantId ? -1 : 1));
  if (rows.length === 0) return;
  await tx`
    insert into tenants (tenant_id, timezone, changed_at)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.timezone)}::text[], ${rows.map((r) => r.changedAt)}::timestamptz[])
    on conflict (tenant_id) do update set timezone = excluded.timezone, changed_at = excluded.changed_at
    where tenants.changed_at <= excluded.changed_at`;
}
