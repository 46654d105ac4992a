import { columns, type Tx } from '@recado/database';
import { dailyCounts } from '../schema.ts';

const countColumns = columns(dailyCounts, { except: ['tenantId'] });

/** Counts of days in the tenant's time zone, both ends included; days without any are absent. */
export async function selectDaily(tx: Tx, tenantId: string, from: string, to: string) {
  return tx<(typeof countColumns.$row)[]>`
    select ${countColumns(tx)} from daily_counts
    where tenant_id = ${tenantId} and day between ${from}::text::date and ${to}::text::date and value <> 0
    order by day, metric`;
}

/** The tenant's time zone. `fallback`: while it is not known. */
export async function findZone(tx: Tx, tenantId: string, fallback: string): Promise<string> {
  const [row] = await tx<{ timezone: string }[]>`select timezone from tenants where tenant_id = ${tenantId}`;
  return row?.timezone ?? fallback;
}
