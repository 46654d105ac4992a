import type { Log } from '@recado/service-kit';

/** Work that an answer does not wait for, and a stopping process does. */
export interface Background {
  /** Never throws; a failure is logged under the name. */
  run(name: string, work: () => Promise<unknown>): void;
  /** Resolves when all of it is done. */
  drain(): Promise<void>;
}

export function createBackground(log: Pick<Log, 'warn'>): Background {
  const running = new Set<Promise<unknown>>();
  return {
    run(name, work) {
      const done = work()
        .catch((err: unknown) => log.warn({ err }, `${name} failed`))
        .finally(() => running.delete(done));
      running.add(done);
    },
    async drain() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
