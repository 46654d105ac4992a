import type { Tx } from '@recado/messaging';
import type { Sum } from './rules.ts';

/** Adds sums to the counters of the hour (UTC). */
export async function addHourly(tx: Tx, sums: readonly Sum[]): Promise<void> {
  if (sums.length === 0) return;
  await tx`
    insert into hourly_counts (tenant_id, hour, metric, value)
    select * from unnest(${sums.map((s) => s.tenantId)}::uuid[], ${sums.map((s) => s.slot)}::timestamptz[], ${sums.map((s) => s.metric)}::text[], ${sums.map((s) => s.by)}::bigint[])
    on conflict (tenant_id, hour, metric) do update set value = hourly_counts.value + excluded.value`;
}

/**
 * Adds sums by minute to the tenant's day. Postgres finds the day by the tenant's zone: midnight is
 * always on a whole minute. `fallback`: the zone of a tenant not known yet.
 */
export async function addDaily(tx: Tx, sums: readonly Sum[], fallback: string): Promise<void> {
  if (sums.length === 0) return;
  await tx`
    insert into daily_counts (tenant_id, day, metric, value)
    select s.tenant_id, (s.at at time zone coalesce(t.timezone, ${fallback}))::date as day, s.metric, sum(s.value)
    from unnest(${sums.map((s) => s.tenantId)}::uuid[], ${sums.map((s) => s.slot)}::timestamptz[], ${sums.map((s) => s.metric)}::text[], ${sums.map((s) => s.by)}::bigint[])
      as s(tenant_id, at, metric, value)
    left join tenants t on t.tenant_id = s.tenant_id
    group by 1, 2, 3 order by 1, 2, 3
    on conflict (tenant_id, day, metric) do update set value = daily_counts.value + excluded.value`;
}

/** Adds sums of messages to the counters of the minute. */
export async function addMinutes(tx: Tx, sums: readonly Sum[]): Promise<void> {
  if (sums.length === 0) return;
  await tx`
    insert into minute_counts (tenant_id, minute, value)
    select * from unnest(${sums.map((s) => s.tenantId)}::uuid[], ${sums.map((s) => s.slot)}::timestamptz[], ${sums.map((s) => s.by)}::bigint[])
    on conflict (tenant_id, minute) do update set value = minute_counts.value + excluded.value`;
}

/** Drops minutes older than three hours, at most 10,000 rows. */
export async function pruneMinutes(tx: Tx, now: Date): Promise<void> {
  await tx`
    delete from minute_counts where ctid in (
      select ctid from minute_counts where minute < ${new Date(now.getTime() - 3 * 3_600_000)} limit 10000)`;
}
