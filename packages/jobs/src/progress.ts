import type { RunningJob } from './running-job.ts';
import { writeProgress } from './store.ts';
import type { Sql } from './types.ts';

interface Noted {
  progress: string;
  abort: AbortController;
}

export interface Progress {
  /** Of several words within a moment the last one is written. */
  note(job: RunningJob, value: object, abort: AbortController): void;
  /** The job has ended: what is not written yet is left out. */
  end(job: RunningJob): void;
  stop(): void;
}

/** Progress is written once in this time at most, for all jobs together. */
const EVERY_MS = 1000;

/** Writes the progress of running jobs in one statement, and aborts those that lost their lease. */
export function createProgress(db: Sql, leaseMs: number): Progress {
  const everyMs = Math.min(EVERY_MS, leaseMs / 4);
  const noted = new Map<RunningJob, Noted>();
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  async function flush(): Promise<void> {
    const batch = [...noted];
    noted.clear();
    if (batch.length === 0) return;
    const now = performance.now();
    try {
      const rows = batch.map(([{ tenantId, id, claim }, { progress }]) => ({ tenantId, id, claim, progress }));
      const held = await writeProgress(db, rows, leaseMs);
      for (const [job, { abort }] of batch) {
        if (held.has(job.id)) job.leaseEnds = now + leaseMs;
        else abort.abort(new Error('The lease was lost to another copy'));
      }
    } catch {
      // The next call tries again. The lease runs on until then.
      for (const [job, one] of batch) if (!noted.has(job)) noted.set(job, one);
    }
  }

  function plan(): void {
    if (timer || stopped) return;
    timer = setTimeout(async () => {
      await flush();
      timer = null;
      if (noted.size > 0) plan();
    }, everyMs).unref();
  }

  return {
    note(job, value, abort) {
      noted.set(job, { progress: JSON.stringify(value), abort });
      plan();
    },
    end: (job) => void noted.delete(job),
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}
