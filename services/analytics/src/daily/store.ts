import type { Tx } from '@recado/database';
import type { Metric } from '../counts/rules.ts';

/** Counts of days in the tenant's time zone, both ends included; days without any are absent. */
export async function selectDaily(tx: Tx, tenantId: string, from: string, to: string) {
  const rows = await tx<{ day: string; metric: Metric; value: string }[]>`
    select day::text, metric, value from daily_counts
    where tenant_id = ${tenantId} and day between ${from}::text::date and ${to}::text::date and value <> 0
    order by day, metric`;
  return rows.map((row) => ({ ...row, value: Number(row.value) }));
}

/** The tenant's time zone. `fallback`: while it is not known. */
export async function findZone(tx: Tx, tenantId: string, fallback: string): Promise<string> {
  const [row] = await tx<{ timezone: string }[]>`select timezone from tenants where tenant_id = ${tenantId}`;
  return row?.timezone ?? fallback;
}
