export interface Timers {
  /** Runs `run` once after `ms` milliseconds, unless cleared before. */
  after(ms: number, run: () => void): void;
  /** Runs `run` each `ms` milliseconds until the returned function is called. */
  every(ms: number, run: () => void): () => void;
  /** Waits; never settles when the timers are cleared before its end. */
  sleep(ms: number): Promise<void>;
  /** How many are waiting. */
  count(): number;
  clear(): void;
}

/**
 * Timers that never keep the process alive and can all be dropped at once, so that stopping leaves
 * nothing behind.
 */
export function createTimers(): Timers {
  const waiting = new Set<NodeJS.Timeout>();
  const timers: Timers = {
    after(ms, run) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        run();
      }, ms);
      timer.unref();
      waiting.add(timer);
    },
    every(ms, run) {
      const timer = setInterval(run, ms);
      timer.unref();
      waiting.add(timer);
      return () => {
        clearInterval(timer);
        waiting.delete(timer);
      };
    },
    sleep: (ms) => (ms > 0 ? new Promise((resolve) => timers.after(ms, resolve)) : Promise.resolve()),
    count: () => waiting.size,
    clear() {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
  return timers;
}
