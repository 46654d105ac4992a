import type { z } from 'zod';
import { committedJobs } from './committed.ts';
import type { JobDefinition } from './define-job.ts';
import { type ClaimedJob, type Outcome, writeEnds } from './store.ts';
import type { Tx } from './types.ts';

/** A job as its handler gets it. */
export interface RunningJob<T = unknown> extends ClaimedJob {
  name: string;
  data: T;
  /** When the lease ends, by the steady clock (`performance.now()`). */
  leaseEnds: number;
  /** Aborted when this process stops, or when progress finds that the lease was lost. */
  signal: AbortSignal;
  /** Notes how far the job is, and begins its lease anew. Written for all jobs together. */
  progress(value: object): void;
  /** Runs `work` in a worker transaction. Tries again until it commits or the lease ends. */
  commit<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
}

/** The error that gives a job up at once: another try would fail the same way. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}

/** Claims that ended in a transaction of their handler. */
const ended = new WeakMap<RunningJob, Outcome['state']>();

/** How the handler ended its claim in a transaction that committed; undefined when it did not. */
export const endOf = (job: RunningJob): Outcome['state'] | undefined => ended.get(job);

/**
 * Marks the job done in the handler's transaction: its writes and its end commit together.
 * @returns false when the lease was lost to another copy, whose result counts
 */
export const finishJob = async (tx: Tx, job: RunningJob): Promise<boolean> =>
  (await endJobs(tx, [{ job, pauseMs: null }])).has(job.id);

/** Gives the job back in the handler's transaction, to run again in `pauseMs`. Counts as no try. */
export const postponeJob = async (tx: Tx, job: RunningJob, pauseMs: number): Promise<boolean> =>
  (await endJobs(tx, [{ job, pauseMs }])).has(job.id);

/**
 * finishJob() (`pauseMs` null) and postponeJob() for many jobs, in one statement. @returns the ids
 * of those whose lease was not lost
 */
export async function endJobs(
  tx: Tx,
  ends: readonly { job: RunningJob; pauseMs: number | null }[],
): Promise<Set<string>> {
  const stateOf = (pauseMs: number | null) => (pauseMs === null ? 'done' : pauseMs > 0 ? 'scheduled' : 'queued');
  const held = await writeEnds(
    tx,
    ends.map(({ job: { tenantId, id, claim }, pauseMs }) => ({
      ...{ tenantId, id, claim, failed: false, error: null },
      state: stateOf(pauseMs),
      pauseMs: pauseMs ?? 0,
    })),
  );
  for (const { job, pauseMs } of ends) {
    if (!held.has(job.id)) continue;
    tx.onCommit(() => ended.set(job, stateOf(pauseMs)));
    if (pauseMs !== null) committedJobs.tellAfter(tx, { name: job.name, dueInMs: pauseMs });
  }
  return held;
}

/** Whether a failure of this try ends the job: its handler may say so where people look. */
export const isLastTry = ({ retry }: JobDefinition, { tries }: Pick<ClaimedJob, 'tries'>): boolean =>
  retry.pausesMs[tries] === undefined;

/** The next state of a job whose try failed. */
export function outcomeOfFailure({ retry }: JobDefinition, job: Pick<ClaimedJob, 'tries'>, error: unknown): Outcome {
  const pauseMs = error instanceof GiveUp ? undefined : retry.pausesMs[job.tries];
  const failed = { failed: true, error: textOf(error) };
  if (pauseMs === undefined) return { state: 'dead', pauseMs: 0, ...failed };
  return { state: pauseMs > 0 ? 'scheduled' : 'queued', pauseMs, ...failed };
}

const MAX_ERROR_LENGTH = 1000;

function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // Postgres stores no NUL.
  return text.replaceAll('\u0000', '\uFFFD').slice(0, MAX_ERROR_LENGTH);
}

/** The data as its definition says. @throws GiveUp naming the field */
export function readData<D extends z.ZodType>(job: JobDefinition<D>, data: unknown): z.output<D> {
  const parsed = job.schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GiveUp(`data.${issue!.path.join('.')}: ${issue!.message}`);
}
