import { type Loop, startLoop } from '@recado/loops';
import type { z } from 'zod';
import { type Batcher, createBatcher } from './batcher.ts';
import type { Concurrency, JobDefinition } from './define-job.ts';
import { createInFlight, type InFlight } from './in-flight.ts';
import type { Metrics } from './metrics.ts';
import { createProgress } from './progress.ts';
import { type Handler, type RunParts, runJob } from './run-job.ts';
import { claimJobs, type End, QUEUE_BATCH, queueDue, writeEnds } from './store.ts';
import type { Log, Pool } from './types.ts';

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

/** What is due later is found by the poll. */
const MAX_TIMER_MS = 60_000;

/** When a worker looks for what. */
interface Looks {
  /** The last look left jobs for want of places: each end is worth another. */
  hungry: boolean;
  /** When what was scheduled or lost is looked for, by the steady clock. */
  queueAt: number;
}

/** Runs the jobs of one definition, in every copy. */
export function startWorker<D extends z.ZodType>(options: WorkerOptions<D>): Worker {
  const { db, job, log, metrics } = options;
  const { name } = job;
  const looks: Looks = { hungry: false, queueAt: 0 };
  const inFlight = createInFlight(
    (count) => metrics.running.set({ job: name }, count),
    () => looks.hungry && loop.wake(),
  );
  const parts: RunParts<D> = {
    ...options,
    ends: createEnds(db),
    progress: createProgress(db, job.lease),
    stopped: inFlight.aborted,
    wake: (dueInMs) => wake(loop, looks, dueInMs),
  };
  const loop = startLoop({
    round: () => look(options, parts, inFlight, looks),
    log,
    failure: `jobs ${name} could not be claimed; trying again`,
  });
  return {
    name,
    wake: (dueInMs = 0) => wake(loop, looks, dueInMs),
    async stop() {
      await loop.stop();
      await inFlight.stop();
      parts.progress.stop();
    },
  };
}

/** Claims what there are places for. Returns the milliseconds until the next look. */
async function look<D extends z.ZodType>(
  { db, job: { name, lease }, concurrency: { places, perTenant }, pollMs }: WorkerOptions<D>,
  parts: RunParts<D>,
  inFlight: InFlight,
  looks: Looks,
): Promise<number> {
  const limit = places - inFlight.count();
  looks.hungry = limit <= 0;
  if (looks.hungry) return pollMs;
  let queued = 0;
  if (performance.now() >= looks.queueAt) {
    queued = await queueDue(db, name);
    looks.queueAt = performance.now() + (queued === QUEUE_BATCH ? 0 : pollMs);
  }
  const claimed = await claimJobs(db, { name, limit, perTenant, running: inFlight.byTenant, leaseMs: lease });
  for (const one of claimed) inFlight.add(one.tenantId, (abort) => runJob(parts, one, abort));
  looks.hungry = claimed.length === limit || [...inFlight.byTenant.values()].some((count) => count >= perTenant);
  return queued === QUEUE_BATCH ? 0 : pollMs;
}

function wake(loop: Loop, looks: Looks, dueInMs: number): void {
  if (dueInMs > MAX_TIMER_MS) return;
  const later = () => {
    looks.queueAt = 0;
    loop.wake();
  };
  if (dueInMs > 0) setTimeout(later, dueInMs + 5).unref();
  else loop.wake();
}

function createEnds(db: Pool): Batcher<End, boolean> {
  return createBatcher(async (ends: End[]) => {
    const held = await writeEnds(db, ends);
    return ends.map((end) => held.has(end.id));
  });
}
