import type { JobState, JobTableRow } from './tables.ts';
import type { Sql, Tx } from './types.ts';

type Executor = Sql | Tx;

/** A job that this process runs until its lease ends. */
export type ClaimedJob = Pick<
  JobTableRow,
  'tenantId' | 'id' | 'key' | 'data' | 'claim' | 'tries' | 'lost' | 'traceparent'
>;

export interface ClaimOptions {
  name: string;
  limit: number;
  /** At most so many of one tenant, those in `running` included. */
  perTenant: number;
  /** How many of each tenant this process runs already. */
  running: ReadonlyMap<string, number>;
  leaseMs: number;
}

/** Of one tenant's thousand jobs that become due together, so many are queued by one statement. */
export const QUEUE_BATCH = 1000;

/** Queues jobs whose time has come, and those whose lease ran out. Returns how many. */
export async function queueDue(executor: Executor, name: string): Promise<number> {
  const { count } = await executor`
    with due as materialized (
      select tenant_id, id from jobs
      where name = ${name} and state in ('scheduled', 'running') and run_at <= statement_timestamp()
      order by run_at limit ${QUEUE_BATCH} for update skip locked
    )
    update jobs set state = 'queued', lost = lost + case jobs.state when 'running' then 1 else 0 end
    from due where jobs.tenant_id = due.tenant_id and jobs.id = due.id`;
  return count;
}

/**
 * Takes queued jobs, first those that bring their tenant to the fewest under way. It hops over the
 * index from tenant to tenant: a tenant's thousand jobs cost no more than its first few.
 */
export function claimJobs(executor: Executor, options: ClaimOptions): Promise<ClaimedJob[]> {
  const { name, limit, perTenant, running, leaseMs } = options;
  return executor<ClaimedJob[]>`
    with recursive tenants as (
      (select tenant_id from jobs where name = ${name} and state = 'queued' order by tenant_id limit 1)
      union all
      select (select j.tenant_id from jobs j
              where j.name = ${name} and j.state = 'queued' and j.tenant_id > tenants.tenant_id
              order by j.tenant_id limit 1)
      from tenants where tenants.tenant_id is not null
    ),
    busy as (
      select * from unnest(${[...running.keys()]}::uuid[], ${[...running.values()]}::int[]) as busy (tenant_id, jobs)
    ),
    found as (
      select job.*, coalesce(busy.jobs, 0)
               + row_number() over (partition by job.tenant_id order by job.priority desc, job.run_at) as turn
      from tenants left join busy using (tenant_id)
      cross join lateral (
        select j.tenant_id, j.id, j.priority, j.run_at from jobs j
        where j.name = ${name} and j.tenant_id = tenants.tenant_id and j.state = 'queued'
        order by j.priority desc, j.run_at limit greatest(0, ${perTenant}::int - coalesce(busy.jobs, 0))
      ) job
      where tenants.tenant_id is not null
    ),
    -- More than wanted: copies that look at the same moment see the same jobs, and skip those another has locked.
    candidates as (select * from found order by turn, priority desc, run_at limit ${limit * 4}),
    chosen as materialized (
      select j.tenant_id, j.id
      from candidates c join jobs j using (tenant_id, id)
      where j.state = 'queued'
      order by c.turn, c.priority desc, c.run_at limit ${limit}
      for update of j skip locked
    )
    update jobs j
    set state = 'running', claim = claim + 1, run_at = statement_timestamp() + ${leaseMs} * interval '1 millisecond'
    from chosen where j.tenant_id = chosen.tenant_id and j.id = chosen.id
    returning j.tenant_id as "tenantId", j.id, j.key, j.data, j.claim, j.tries, j.lost, j.traceparent`;
}

/** Who holds a job: a later claim makes this one void. */
export type Holder = Pick<JobTableRow, 'tenantId' | 'id' | 'claim'>;

/** How a claim ends. */
export interface Outcome {
  state: Exclude<JobState, 'running'>;
  /** Until the next try. */
  pauseMs: number;
  /** It counts as a try. */
  failed: boolean;
  error: string | null;
}

export type End = Holder & Outcome;

/** Ends claims. Returns the ids of those that still held their job: the others changed nothing. */
export async function writeEnds(executor: Executor, ends: readonly End[]): Promise<Set<string>> {
  const rows = await executor<{ id: string }[]>`
    update jobs set
      state = e.state, tries = tries + e.failed, lost = 0, last_error = coalesce(e.error, last_error),
      run_at = statement_timestamp() + e.pause * interval '1 millisecond',
      ended_at = case when e.state in ('done', 'dead') then statement_timestamp() end
    from unnest(${ends.map((end) => end.tenantId)}::uuid[], ${ends.map((end) => end.id)}::uuid[],
                ${ends.map((end) => end.claim)}::int[], ${ends.map((end) => end.state)}::text[],
                ${ends.map((end) => end.pauseMs)}::float8[], ${ends.map((end) => (end.failed ? 1 : 0))}::int[],
                ${ends.map((end) => end.error)}::text[])
         as e (tenant_id, id, claim, state, pause, failed, error)
    where jobs.tenant_id = e.tenant_id and jobs.id = e.id and jobs.claim = e.claim and jobs.state = 'running'
    returning jobs.id`;
  return new Set(rows.map((row) => row.id));
}

/** Writes progress and begins leases anew. Returns the ids of those that still held their job. */
export async function writeProgress(
  executor: Executor,
  jobs: readonly (Holder & { progress: string })[],
  leaseMs: number,
): Promise<Set<string>> {
  const rows = await executor<{ id: string }[]>`
    update jobs set progress = p.progress::jsonb, run_at = statement_timestamp() + ${leaseMs} * interval '1 millisecond'
    from unnest(${jobs.map((job) => job.tenantId)}::uuid[], ${jobs.map((job) => job.id)}::uuid[],
                ${jobs.map((job) => job.claim)}::int[], ${jobs.map((job) => job.progress)}::text[])
         as p (tenant_id, id, claim, progress)
    where jobs.tenant_id = p.tenant_id and jobs.id = p.id and jobs.claim = p.claim and jobs.state = 'running'
    returning jobs.id`;
  return new Set(rows.map((row) => row.id));
}

/** Deletes jobs that were done so many days ago. Returns how many; `limit` at most. */
export async function pruneJobs(executor: Executor, name: string, keepDays: number, limit = 5000): Promise<number> {
  const { count } = await executor`
    delete from jobs where ctid = any(array(
      select ctid from jobs
      where name = ${name} and state = 'done' and ended_at < now() - make_interval(days => ${keepDays}) limit ${limit}))`;
  return count;
}

export interface Backlog {
  name: string;
  queued: number;
  /** Age of the longest queued. */
  oldestSeconds: number;
  dead: number;
}

export function readBacklog(executor: Executor, names: readonly string[]): Promise<Backlog[]> {
  return executor<Backlog[]>`
    select name, queued.count as queued, queued.oldest as "oldestSeconds", dead.count as dead
    from unnest(${names as string[]}::text[]) as name
    cross join lateral (
      select count(*)::int as count, coalesce(extract(epoch from now() - min(run_at)), 0)::float8 as oldest
      from jobs where jobs.name = name.name and state = 'queued') as queued
    cross join lateral (
      select count(*)::int as count from jobs where jobs.name = name.name and state = 'dead') as dead`;
}

/** A job as its tenant may see it. */
export type JobRow = Pick<
  JobTableRow,
  'id' | 'name' | 'key' | 'state' | 'progress' | 'tries' | 'lastError' | 'runAt' | 'createdAt' | 'endedAt'
>;

/** A tenant's job; null when there is none, or it was pruned. */
export async function findJob(executor: Executor, tenantId: string, id: string): Promise<JobRow | null> {
  const [row] = await executor<JobRow[]>`
    select id, name, key, state, progress, tries, last_error as "lastError", run_at as "runAt",
           created_at as "createdAt", ended_at as "endedAt"
    from jobs where tenant_id = ${tenantId} and id = ${id}`;
  return row ?? null;
}
