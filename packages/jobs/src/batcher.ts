import { setTimeout as pause } from 'node:timers/promises';
import { pauseAfter } from '@recado/loops';

interface Waiting<T, R> {
  item: T;
  /** Until when a failed write is tried again, by the steady clock. */
  until: number;
  resolve(result: R): void;
  reject(error: unknown): void;
}

export interface Batcher<T, R> {
  /** @throws what the last write threw, once `until` has passed */
  add(item: T, until: number): Promise<R>;
}

const MAX_PAUSE_MS = 2000;

/** Joins concurrent writes: what comes while one is under way goes together in the next. */
export function createBatcher<T, R>(write: (items: T[]) => Promise<R[]>, maxItems = 500): Batcher<T, R> {
  let waiting: Waiting<T, R>[] = [];
  let running = false;

  async function run(): Promise<void> {
    let failures = 0;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxItems);
      waiting = waiting.slice(maxItems);
      try {
        const results = await write(batch.map(({ item }) => item));
        for (const [i, one] of batch.entries()) one.resolve(results[i]!);
        failures = 0;
      } catch (error) {
        const pauseMs = pauseAfter(++failures, { firstMs: 100, maxMs: MAX_PAUSE_MS });
        const again = batch.filter((one) => performance.now() + pauseMs < one.until);
        for (const one of batch) if (!again.includes(one)) one.reject(error);
        waiting = [...again, ...waiting];
        await pause(pauseMs);
      }
    }
    running = false;
  }

  return {
    add(item, until) {
      const added = new Promise<R>((resolve, reject) => waiting.push({ item, until, resolve, reject }));
      if (!running) {
        running = true;
        // After this turn of the event loop: jobs that end together go together.
        setImmediate(run);
      }
      return added;
    },
  };
}
