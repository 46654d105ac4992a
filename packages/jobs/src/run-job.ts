import { setTimeout as pause } from 'node:timers/promises';
import { pauseAfter } from '@recado/loops';
import type { z } from 'zod';
import type { Batcher } from './batcher.ts';
import type { JobDefinition } from './define-job.ts';
import type { Metrics } from './metrics.ts';
import type { Progress } from './progress.ts';
import { endOf, GiveUp, outcomeOfFailure, type RunningJob, readData } from './running-job.ts';
import type { ClaimedJob, End, Outcome } from './store.ts';
import type { Log, Pool, Tx } from './types.ts';

export type Handler<D extends z.ZodType = z.ZodType> = (job: RunningJob<z.output<D>>) => Promise<void>;

/** What all runs of a worker share. */
export interface RunParts<D extends z.ZodType> {
  db: Pool;
  job: JobDefinition<D>;
  handle: Handler<D>;
  ends: Batcher<End, boolean>;
  progress: Progress;
  log: Log;
  metrics: Metrics;
  /** Whether this process stops and has aborted its jobs. */
  stopped(): boolean;
  /** Another try of it is due in so long. */
  wake(dueInMs: number): void;
}

/** A write is not begun later than this before the lease ends. */
const LEASE_MARGIN_MS = 2000;

const DONE: Outcome = { state: 'done', pauseMs: 0, failed: false, error: null };
/** Given back at once: the next copy continues, and no try is lost. */
const RELEASED: Outcome = { ...DONE, state: 'queued' };

/** Runs a claimed job and writes how it ended. Never rejects. */
export async function runJob<D extends z.ZodType>(
  parts: RunParts<D>,
  claimed: ClaimedJob,
  abort: AbortController,
): Promise<void> {
  const { metrics, progress } = parts;
  const { name } = parts.job;
  const job = createRunningJob(parts, claimed, abort);
  const measure = metrics.seconds.startTimer({ job: name });
  let outcome: Outcome = DONE;
  try {
    await handle(parts, job);
  } catch (error) {
    outcome = abort.signal.aborted && parts.stopped() ? RELEASED : recordFailure(parts, job, error);
  }
  progress.end(job);
  measure();
  // Ended by the handler, in a transaction of its own.
  const state = endOf(job);
  if (state) metrics.ended.inc({ job: name, result: state === 'done' ? 'done' : 'postponed' });
  else await settle(parts, job, outcome);
}

function createRunningJob<D extends z.ZodType>(
  { db, job: { name, lease }, progress }: RunParts<D>,
  claimed: ClaimedJob,
  abort: AbortController,
): RunningJob {
  const job: RunningJob = {
    ...claimed,
    name,
    leaseEnds: performance.now() + lease,
    signal: abort.signal,
    progress: (value) => progress.note(job, value, abort),
    commit: (work) => commit(db, job, work),
  };
  return job;
}

async function handle<D extends z.ZodType>({ job: definition, handle }: RunParts<D>, job: RunningJob): Promise<void> {
  if (job.lost > definition.retry.maxLost) throw new GiveUp(`The lease ran out ${job.lost} times`);
  job.data = readData(definition, job.data);
  await handle(job as RunningJob<z.output<D>>);
}

function recordFailure<D extends z.ZodType>(
  { job: definition, log }: RunParts<D>,
  job: RunningJob,
  err: unknown,
): Outcome {
  const outcome = outcomeOfFailure(definition, job, err);
  if (outcome.state === 'dead') log.error({ err, ...about(job) }, 'a job is given up');
  else log.warn({ err, ...about(job) }, 'a job failed; trying again');
  return outcome;
}

async function settle<D extends z.ZodType>(parts: RunParts<D>, job: RunningJob, outcome: Outcome): Promise<void> {
  const { ends, log, metrics, wake } = parts;
  const { tenantId, id, claim, leaseEnds, name } = job;
  let held = false;
  try {
    held = await ends.add({ tenantId, id, claim, ...outcome }, leaseEnds - LEASE_MARGIN_MS);
    if (!held) log.warn(about(job), 'a job lost its lease; its result is not written');
  } catch (err) {
    log.warn({ err, ...about(job) }, 'a result could not be written; again when the lease ends');
  }
  metrics.ended.inc({ job: name, result: held ? resultOf(outcome) : 'lost' });
  if (held && outcome.state === 'scheduled') wake(outcome.pauseMs);
}

async function commit<R>(db: Pool, job: RunningJob, work: (tx: Tx) => Promise<R>): Promise<R> {
  for (let failures = 1; ; failures++) {
    try {
      return ((await db.begin(async (tx) => ({ value: await work(tx) }))) as { value: R }).value;
    } catch (error) {
      if (job.signal.aborted || performance.now() + LEASE_MARGIN_MS > job.leaseEnds) throw error;
      await pause(pauseAfter(failures, { firstMs: 100, maxMs: LEASE_MARGIN_MS }));
    }
  }
}

const about = ({ name, tenantId, id, tries }: RunningJob) => ({ job: name, tenantId, jobId: id, tries });

function resultOf({ state, failed }: Outcome): string {
  if (state === 'done' || state === 'dead') return state;
  return failed ? 'retried' : 'released';
}
