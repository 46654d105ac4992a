import { setTimeout as pause } from 'node:timers/promises';
import { createWaker } from './waker.ts';

export interface Loop {
  /** Starts the next round now: there is work. */
  wake(): void;
  /** Ends the round that runs, and starts no other. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** One round of work. Returns the milliseconds to sleep before the next; 0: none. */
  round(): Promise<number>;
  log: { warn(fields: object, message?: string): void };
  /** What is logged when rounds begin to fail. */
  failure: string;
  /** Milliseconds between rounds that fail. */
  failurePauseMs?: number;
}

/** A round that keeps failing is logged again after so many. */
const LOG_EVERY = 60;

/** Runs rounds one after the other until it is stopped. A failed round never ends it. */
export function startLoop({ round, log, failure, failurePauseMs = 250 }: LoopOptions): Loop {
  const waker = createWaker();
  const stopping = new AbortController();
  const { signal } = stopping;

  const running = (async () => {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const ms = await round();
        failures = 0;
        if (ms > 0 && !signal.aborted) await waker.sleep(ms);
      } catch (err) {
        if (failures++ % LOG_EVERY === 0 && !signal.aborted) log.warn({ err }, failure);
        await pause(failurePauseMs, undefined, { signal }).catch(() => {});
      }
    }
  })();

  return {
    wake: waker.wake,
    async stop() {
      stopping.abort();
      waker.wake();
      await running;
    },
  };
}
