import { uuidv7 } from '@recado/contracts';
import type { z } from 'zod';
import { committedJobs } from './committed.ts';
import type { JobDefinition } from './define-job.ts';
import type { Tx } from './types.ts';

export interface EnqueueOptions {
  /** Not before; now unless said. */
  runAt?: Date;
  /** Higher goes first among the jobs of the tenant: -32768 to 32767. */
  priority?: number;
  /** A second job of the tenant with this name and key is not added while the first is kept. */
  key?: string;
  traceparent?: string;
}

export interface NewJob<T> extends EnqueueOptions {
  tenantId: string;
  data: T;
}

/** One job of enqueueJobs(). @returns its id, or null when its key is known */
export async function enqueueJob<D extends z.ZodType>(
  tx: Tx,
  job: JobDefinition<D>,
  tenantId: string,
  data: z.input<D>,
  options: EnqueueOptions = {},
): Promise<string | null> {
  const [id] = await enqueueJobs(tx, job, [{ ...options, tenantId, data }]);
  return id ?? null;
}

/**
 * Adds jobs in the caller's transaction, in one statement. Workers of this process start after it.
 * @returns the ids added: a known key adds nothing
 * @throws ZodError when data does not fit the definition
 */
export async function enqueueJobs<D extends z.ZodType>(
  tx: Tx,
  job: JobDefinition<D>,
  jobs: readonly NewJob<z.input<D>>[],
): Promise<string[]> {
  if (jobs.length === 0) return [];
  const rows = sortByKey(jobs).map(({ data, ...rest }) => {
    job.schema.parse(data);
    // As given, not as parsed: the schema parses it once more when the job runs.
    return { ...rest, id: uuidv7(), data: JSON.stringify(data) };
  });
  const added = await tx<{ id: string; dueInMs: number }[]>`
    insert into jobs (tenant_id, id, name, key, state, priority, data, run_at, traceparent)
    select tenant_id, id, ${job.name}, key, case when run_at > now() then 'scheduled' else 'queued' end, priority,
           data::jsonb, coalesce(run_at, now()), traceparent
    from unnest(${rows.map((row) => row.tenantId)}::uuid[], ${rows.map((row) => row.id)}::uuid[],
                ${rows.map((row) => row.key ?? null)}::text[], ${rows.map((row) => row.priority ?? 0)}::smallint[],
                ${rows.map((row) => row.data)}::text[], ${rows.map((row) => row.runAt?.toISOString() ?? null)}::text[]::timestamptz[],
                ${rows.map((row) => row.traceparent ?? null)}::text[])
         as job (tenant_id, id, key, priority, data, run_at, traceparent)
    on conflict do nothing
    returning id, (extract(epoch from run_at - now()) * 1000)::float8 as "dueInMs"`;
  if (added.length === 0) return [];
  committedJobs.tellAfter(tx, { name: job.name, dueInMs: Math.min(...added.map((row) => row.dueInMs)) });
  return added.map((row) => row.id);
}

/** Two batches with the same keys wait for each other in one order instead of deadlocking. */
function sortByKey<T extends { tenantId: string; key?: string }>(jobs: readonly T[]): readonly T[] {
  if (jobs.length === 1) return jobs;
  const nameOf = ({ tenantId, key }: T) => `${tenantId}\n${key ?? ''}`;
  return [...jobs].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
}
