import { type KnownTenant, latestOf, type Tx } from '@recado/database';

/** Remembers tenants' time zones; the latest event of each counts. */
export async function saveZones(
  tx: Tx,
  tenants: readonly Pick<KnownTenant, 'tenantId' | 'timezone' | 'changedAt'>[],
): Promise<void> {
  const rows = latestOf(
    tenants,
    ({ tenantId }) => tenantId,
    ({ changedAt }) => changedAt,
  );
  if (rows.length === 0) return;
  await tx`
    insert into tenants (tenant_id, timezone, changed_at)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.timezone)}::text[], ${rows.map((r) => r.changedAt)}::timestamptz[])
    on conflict (tenant_id) do update set timezone = excluded.timezone, changed_at = excluded.changed_at
    where tenants.changed_at <= excluded.changed_at`;
}
