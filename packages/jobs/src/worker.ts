import { setTimeout as pause } from 'node:timers/promises';
import { pauseAfter, startLoop } from '@recado/loops';
import type { z } from 'zod';
import { type Batcher, createBatcher } from './batcher.ts';
import type { Concurrency, JobDefinition } from './define-job.ts';
import type { Metrics } from './metrics.ts';
import { createProgress } from './progress.ts';
import { endOf, GiveUp, outcomeOfFailure, type RunningJob, readData } from './running-job.ts';
import { type ClaimedJob, claimJobs, type End, type Outcome, QUEUE_BATCH, queueDue, writeEnds } from './store.ts';
import type { Log, Pool, Tx } from './types.ts';

export type Handler<D extends z.ZodType = z.ZodType> = (job: RunningJob<z.output<D>>) => Promise<void>;

export interface WorkerOptions<D extends z.ZodType> {
  /** Of the worker role, which sees every tenant. */
  db: Pool;
  job: JobDefinition<D>;
  handle: Handler<D>;
  concurrency: Concurrency;
  log: Log;
  metrics: Metrics;
  /** Milliseconds between looks without a wake: finds what other copies added or lost. */
  pollMs: number;
}

export interface Worker {
  name: string;
  /** Looks for jobs in `dueInMs`, or now. */
  wake(dueInMs?: number): void;
  stop(): Promise<void>;
}

/** Jobs under way may end by themselves for so long; then their signal is aborted. */
const STOP_GRACE_MS = 1000;
/** A job that ignores its signal is left behind after so long. Another copy runs it later. */
const STOP_LIMIT_MS = 10_000;
/** A write is not begun later than this before the lease ends. */
const LEASE_MARGIN_MS = 2000;
/** What is due later is found by the poll. */
const MAX_TIMER_MS = 60_000;

interface Started {
  work: Promise<void>;
  abort: AbortController;
}

const DONE: Outcome = { state: 'done', pauseMs: 0, failed: false, error: null };
/** Given back at once: the next copy continues, and no try is lost. */
const RELEASED: Outcome = { ...DONE, state: 'queued' };

/** Runs the jobs of one definition, in every copy. */
export function startWorker<D extends z.ZodType>(options: WorkerOptions<D>): Worker {
  const { db, job: definition, concurrency, log, metrics, pollMs } = options;
  const { name, lease } = definition;
  const ends = createEnds(db);
  const progress = createProgress(db, lease);
  const running = new Map<string, number>();
  const started = new Set<Started>();
  let aborted = false;
  /** The last look left jobs for want of places: each end is worth another. */
  let hungry = false;
  /** When what was scheduled or lost is looked for, by the steady clock. */
  let queueAt = 0;

  const loop = startLoop({ round: look, log, failure: `jobs ${name} could not be claimed; trying again` });

  async function look(): Promise<number> {
    const limit = concurrency.places - started.size;
    hungry = limit <= 0;
    if (hungry) return pollMs;
    let queued = 0;
    if (performance.now() >= queueAt) {
      queued = await queueDue(db, name);
      queueAt = performance.now() + (queued === QUEUE_BATCH ? 0 : pollMs);
    }
    const claimed = await claimJobs(db, { name, limit, perTenant: concurrency.perTenant, running, leaseMs: lease });
    for (const one of claimed) start(one);
    hungry = claimed.length === limit || [...running.values()].some((count) => count >= concurrency.perTenant);
    return queued === QUEUE_BATCH ? 0 : pollMs;
  }

  function start(claimed: ClaimedJob): void {
    const { tenantId } = claimed;
    running.set(tenantId, (running.get(tenantId) ?? 0) + 1);
    const abort = new AbortController();
    const one: Started = { abort, work: run(createJob(claimed, abort), abort).finally(() => end(one, tenantId)) };
    started.add(one);
    metrics.running.set({ job: name }, started.size);
  }

  function end(one: Started, tenantId: string): void {
    started.delete(one);
    const left = running.get(tenantId)! - 1;
    if (left === 0) running.delete(tenantId);
    else running.set(tenantId, left);
    metrics.running.set({ job: name }, started.size);
    if (hungry) loop.wake();
  }

  function createJob(claimed: ClaimedJob, abort: AbortController): RunningJob {
    const job: RunningJob = {
      ...claimed,
      name,
      leaseEnds: performance.now() + lease,
      signal: abort.signal,
      progress: (value) => progress.note(job, value, abort),
      commit: (work) => commit(job, work),
    };
    return job;
  }

  async function run(job: RunningJob, { signal }: AbortController): Promise<void> {
    const measure = metrics.seconds.startTimer({ job: name });
    let outcome: Outcome = DONE;
    try {
      await handle(job);
    } catch (error) {
      outcome = signal.aborted && aborted ? RELEASED : recordFailure(job, error);
    }
    progress.end(job);
    measure();
    // Ended by the handler, in a transaction of its own.
    const state = endOf(job);
    if (state) metrics.ended.inc({ job: name, result: state === 'done' ? 'done' : 'postponed' });
    else await settle(job, outcome);
  }

  async function handle(job: RunningJob): Promise<void> {
    if (job.lost > definition.retry.maxLost) throw new GiveUp(`The lease ran out ${job.lost} times`);
    job.data = readData(definition, job.data);
    await options.handle(job as RunningJob<z.output<D>>);
  }

  function recordFailure(job: RunningJob, err: unknown): Outcome {
    const outcome = outcomeOfFailure(definition, job, err);
    if (outcome.state === 'dead') log.error({ err, ...about(job) }, 'a job is given up');
    else log.warn({ err, ...about(job) }, 'a job failed; trying again');
    return outcome;
  }

  async function settle(job: RunningJob, outcome: Outcome): Promise<void> {
    const { tenantId, id, claim, leaseEnds } = job;
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

  async function commit<R>(job: RunningJob, work: (tx: Tx) => Promise<R>): Promise<R> {
    for (let failures = 1; ; failures++) {
      try {
        return ((await db.begin(async (tx) => ({ value: await work(tx) }))) as { value: R }).value;
      } catch (error) {
        if (job.signal.aborted || performance.now() + LEASE_MARGIN_MS > job.leaseEnds) throw error;
        await pause(pauseAfter(failures, { firstMs: 100, maxMs: LEASE_MARGIN_MS }));
      }
    }
  }

  function wake(dueInMs = 0): void {
    if (dueInMs > MAX_TIMER_MS) return;
    const look = () => {
      if (dueInMs > 0) queueAt = 0;
      loop.wake();
    };
    if (dueInMs > 0) setTimeout(look, dueInMs + 5).unref();
    else look();
  }

  const about = ({ tenantId, id, tries }: RunningJob) => ({ job: name, tenantId, jobId: id, tries });

  return {
    name,
    wake,
    async stop() {
      await loop.stop();
      const ended = () => Promise.all([...started].map((one) => one.work));
      await within(ended(), STOP_GRACE_MS);
      aborted = true;
      for (const one of started) one.abort.abort();
      await within(ended(), STOP_LIMIT_MS);
      progress.stop();
    },
  };
}

function createEnds(db: Pool): Batcher<End, boolean> {
  return createBatcher(async (ends: End[]) => {
    const held = await writeEnds(db, ends);
    return ends.map((end) => held.has(end.id));
  });
}

function resultOf({ state, failed }: Outcome): string {
  if (state === 'done' || state === 'dead') return state;
  return failed ? 'retried' : 'released';
}

/** Waits for work, but not longer. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const abort = new AbortController();
  await Promise.race([work, pause(ms, undefined, { signal: abort.signal, ref: false }).catch(() => {})]);
  abort.abort();
}
