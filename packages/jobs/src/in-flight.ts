import { setTimeout as pause } from 'node:timers/promises';

/** Jobs under way may end by themselves for so long; then their signal is aborted. */
const STOP_GRACE_MS = 1000;
/** A job that ignores its signal is left behind after so long. Another copy runs it later. */
const STOP_LIMIT_MS = 10_000;

/** The jobs that a worker runs at this moment. */
export interface InFlight {
  /** How many of each tenant. */
  readonly byTenant: ReadonlyMap<string, number>;
  count(): number;
  /** Runs it, and counts it until it has ended. `run` never rejects. */
  add(tenantId: string, run: (abort: AbortController) => Promise<void>): void;
  /** Waits until they have ended. What takes long is aborted, and in the end left behind. */
  stop(): Promise<void>;
  /** Whether `stop` has aborted what was left. */
  aborted(): boolean;
}

interface Running {
  ended: Promise<void>;
  abort: AbortController;
}

export function createInFlight(onChange: (count: number) => void, onEnd: () => void): InFlight {
  const byTenant = new Map<string, number>();
  const all = new Set<Running>();
  let aborted = false;

  const count = (tenantId: string, change: 1 | -1) => {
    const next = (byTenant.get(tenantId) ?? 0) + change;
    if (next === 0) byTenant.delete(tenantId);
    else byTenant.set(tenantId, next);
    onChange(all.size);
  };
  const allEnded = () => Promise.all([...all].map((one) => one.ended));

  return {
    byTenant,
    count: () => all.size,
    aborted: () => aborted,
    add(tenantId, run) {
      const abort = new AbortController();
      const ended = run(abort).finally(() => {
        all.delete(one);
        count(tenantId, -1);
        onEnd();
      });
      const one: Running = { abort, ended };
      all.add(one);
      count(tenantId, 1);
    },
    async stop() {
      await within(allEnded(), STOP_GRACE_MS);
      aborted = true;
      for (const { abort } of all) abort.abort();
      await within(allEnded(), STOP_LIMIT_MS);
    },
  };
}

/** Waits for work, but not longer. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const abort = new AbortController();
  await Promise.race([work, pause(ms, undefined, { signal: abort.signal, ref: false }).catch(() => {})]);
  abort.abort();
}
