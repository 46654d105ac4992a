import { setTimeout as pause } from 'node:timers/promises';
import { withWorker } from '@recado/database';
import type { ReplyDeps } from '../deps.ts';
import { type Decision, decide } from './decide.ts';
import { claimJobs, type Job } from './queue.ts';
import { settle } from './settle.ts';

export interface WorkerOptions {
  /** Replies worked on at the same time. */
  concurrency: number;
  /** Milliseconds until another copy may take a claimed reply: longer than the thread's and the model's deadlines together. */
  leaseMs?: number;
  /** Milliseconds between looks without a wake: finds what other copies left. */
  pollMs?: number;
  pausesMs?: readonly number[];
}

export interface Worker {
  /** Looks now: something is due. */
  wake(): void;
  /** Lets calls under way end for a moment, then gives them up and their replies back. */
  stop(): Promise<void>;
}

/** Between the calls of the model that failed: three calls in all, then a person is asked for. */
export const DEFAULT_PAUSES_MS = [1000, 5000];
const STOP_GRACE_MS = 1000;

/**
 * Works through due replies, in every copy. One tenant takes at most half of a copy's places, so that a flood on a slow model leaves the
 * others' replies a way.
 */
export function startWorker(deps: ReplyDeps, options: WorkerOptions): Worker {
  const { concurrency, leaseMs = 45_000, pollMs = 1000, pausesMs = DEFAULT_PAUSES_MS } = options;
  const perTenant = Math.max(1, Math.ceil(concurrency / 2));
  const running = new Map<string, number>();
  const working = new Set<Promise<void>>();
  const stopping = new AbortController();
  const aborting = new AbortController();
  let looking: Promise<void> | null = null;
  let again = false;
  let failures = 0;

  function wake(): void {
    if (stopping.signal.aborted) return;
    again = true;
    looking ??= look().finally(() => {
      looking = null;
      if (again) wake();
    });
  }

  async function look(): Promise<void> {
    while (again && !stopping.signal.aborted) {
      again = false;
      const limit = concurrency - working.size;
      // Each reply that ends looks again.
      if (limit <= 0) return;
      try {
        for (const job of await withWorker(deps.workerDb, (tx) =>
          claimJobs(tx, { limit, perTenant, running, leaseMs }),
        )) {
          start(job);
        }
        failures = 0;
      } catch (error) {
        if (failures++ % 30 === 0) deps.log.warn({ err: error }, 'due replies could not be read; trying again');
        again = false;
        return;
      }
    }
  }

  function start(job: Job): void {
    running.set(job.tenantId, (running.get(job.tenantId) ?? 0) + 1);
    const work = run(job).finally(() => {
      working.delete(work);
      const left = running.get(job.tenantId)! - 1;
      if (left === 0) running.delete(job.tenantId);
      else running.set(job.tenantId, left);
      wake();
    });
    working.add(work);
  }

  async function run(job: Job): Promise<void> {
    const until = performance.now() + leaseMs;
    const log = deps.log.child({ tenantId: job.tenantId, conversationId: job.conversationId });
    try {
      const decision = await decide(deps, job, { pausesMs, signal: aborting.signal });
      await write(job, decision, until);
      if (decision.kind === 'retry' && decision.pauseMs > 0) setTimeout(wake, decision.pauseMs + 5).unref();
      log.debug({ inboundMessageId: job.inboundMessageId, outcome: decision.kind }, 'reply settled');
    } catch (error) {
      log.warn({ err: error, inboundMessageId: job.inboundMessageId }, 'reply not settled; again when its lease ends');
    }
  }

  /** A reply was paid for: a database that is away for a moment must not cost it. */
  async function write(job: Job, decision: Decision, until: number): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await settle(deps, job, decision);
      } catch (error) {
        if (aborting.signal.aborted || performance.now() + 2000 > until) throw error;
        await pause(Math.min(100 * 2 ** attempt, 2000));
      }
    }
  }

  const poll = setInterval(wake, pollMs);
  wake();
  return {
    wake,
    async stop() {
      stopping.abort();
      clearInterval(poll);
      await looking;
      const giveUp = setTimeout(() => aborting.abort(), STOP_GRACE_MS);
      await Promise.all(working);
      clearTimeout(giveUp);
    },
  };
}
