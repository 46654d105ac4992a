import { startLoop } from '@recado/loops';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { committedJobs } from './committed.ts';
import { type Concurrency, concurrencyOf, type JobDefinition } from './define-job.ts';
import { createMetrics } from './metrics.ts';
import type { Handler } from './run-job.ts';
import { pruneJobs, readBacklog } from './store.ts';
import type { Log, Pool } from './types.ts';
import { startWorker, type Worker } from './worker.ts';

export interface JobsOptions {
  /** The pool of the worker role. */
  db: Pool;
  /** Other pools whose transactions add jobs, such as that of requests. */
  writers?: readonly object[];
  log: Log;
  registry: Registry;
  /** What this process runs, made by `runs()`. */
  jobs: readonly Runs[];
  /** Milliseconds between looks for what other copies added or lost. */
  pollMs?: number;
}

export interface Jobs {
  /** Lets jobs under way end for a moment, then aborts them and gives them back. */
  stop(): Promise<void>;
}

type WorkerParts = Pick<JobsOptions, 'db' | 'log'> & { metrics: ReturnType<typeof createMetrics>; pollMs: number };

/** A definition with what runs it. */
export interface Runs {
  job: Pick<JobDefinition, 'name' | 'keepDays'>;
  start(parts: WorkerParts): Worker;
}

const MEASURE_MS = 15_000;
const PRUNE_MS = 10 * 60_000;
const PRUNE_BATCH = 5000;

/** Says who runs a job. What is `given` takes the place of the definition's. */
export function runs<D extends z.ZodType>(
  job: JobDefinition<D>,
  handle: Handler<D>,
  given: { concurrency?: number | Concurrency; lease?: number } = {},
): Runs {
  const concurrency = given.concurrency === undefined ? job.concurrency : concurrencyOf(given.concurrency);
  const definition = { ...job, lease: given.lease ?? job.lease };
  return { job, start: (parts) => startWorker({ ...parts, job: definition, handle, concurrency }) };
}

/** Starts the workers of a service: any number of copies share the jobs. */
export function startJobs({ db, writers = [], log, registry, jobs, pollMs = 1000 }: JobsOptions): Jobs {
  const metrics = createMetrics(registry);
  const workers = jobs.map((one) => one.start({ db, log, metrics, pollMs }));
  const unwatch = committedJobs.watch([db, ...writers], ({ name, dueInMs }) => {
    for (const worker of workers) if (worker.name === name) worker.wake(dueInMs);
  });
  const names = jobs.map(({ job }) => job.name);
  // Copies started together do not prune together.
  let pruneAt = performance.now() + PRUNE_MS * Math.random();

  const housekeeping = startLoop({
    log,
    failure: 'jobs could not be counted or pruned; trying again',
    failurePauseMs: MEASURE_MS,
    async round() {
      for (const { name, queued, oldestSeconds, dead } of await readBacklog(db, names)) {
        metrics.queued.set({ job: name }, queued);
        metrics.oldest.set({ job: name }, oldestSeconds);
        metrics.dead.set({ job: name }, dead);
      }
      if (performance.now() < pruneAt) return MEASURE_MS;
      const counts = await Promise.all(jobs.map(({ job }) => pruneJobs(db, job.name, job.keepDays, PRUNE_BATCH)));
      pruneAt = performance.now() + (counts.includes(PRUNE_BATCH) ? 0 : PRUNE_MS);
      return counts.includes(PRUNE_BATCH) ? 100 : MEASURE_MS;
    },
  });

  return {
    async stop() {
      unwatch();
      await Promise.all([housekeeping.stop(), ...workers.map((worker) => worker.stop())]);
    },
  };
}
