import type { JobTableRow } from './tables.ts';
import type { Sql } from './types.ts';

export type DeadJob = Pick<JobTableRow, 'id' | 'tenantId' | 'name' | 'key' | 'data' | 'lastError' | 'tries'> & {
  endedAt: Date;
};

export interface DeadJobFilter {
  name?: string;
  tenantId?: string;
  ids?: readonly string[];
}

/** Jobs of one service that were given up, the latest first. */
export function listDeadJobs(sql: Sql, filter: DeadJobFilter & { limit?: number } = {}): Promise<DeadJob[]> {
  return sql<DeadJob[]>`
    select id, tenant_id as "tenantId", name, key, data, last_error as "lastError", tries, ended_at as "endedAt"
    from jobs where state = 'dead' and ${matching(sql, filter)}
    order by ended_at desc limit ${filter.limit ?? 100}`;
}

/** Queues dead jobs again, with all their tries. Returns how many. */
export async function replayDeadJobs(sql: Sql, filter: DeadJobFilter = {}): Promise<number> {
  const { count } = await sql`
    update jobs set state = 'queued', tries = 0, lost = 0, run_at = now(), ended_at = null
    where state = 'dead' and ${matching(sql, filter)}`;
  return count;
}

function matching(sql: Sql, { name, tenantId, ids }: DeadJobFilter) {
  const byName = name === undefined ? sql`true` : sql`name = ${name}`;
  const byTenant = tenantId === undefined ? sql`true` : sql`tenant_id = ${tenantId}`;
  const byId = ids === undefined ? sql`true` : sql`id = any(${[...ids]}::uuid[])`;
  return sql`${byName} and ${byTenant} and ${byId}`;
}
