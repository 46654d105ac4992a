import type { Tx } from './types.ts';

/** Told of jobs that were committed: their name, and in how many milliseconds they are due. */
export type Notify = (name: string, dueInMs: number) => void;

/** The workers of this process, by the pools that write to their table. */
const workers = new WeakMap<object, Set<Notify>>();

/** Calls `notify` after each commit of these pools that adds jobs. Returns how to end that. */
export function watchCommits(pools: readonly object[], notify: Notify): () => void {
  for (const pool of pools) {
    const known = workers.get(pool);
    if (known) known.add(notify);
    else workers.set(pool, new Set([notify]));
  }
  return () => {
    for (const pool of pools) workers.get(pool)?.delete(notify);
  };
}

export function notifyAfterCommit(tx: Tx, name: string, dueInMs: number): void {
  tx.onCommit(() => {
    for (const notify of workers.get(tx.pool) ?? []) notify(name, dueInMs);
  });
}
