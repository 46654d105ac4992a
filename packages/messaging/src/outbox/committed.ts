import type { Tx, WorkerSql } from '../types.ts';
import type { EventBatch } from './event-batch.ts';

/** Tells a relay of what was committed; null when only the table knows what was written. */
export type Notify = (committed: readonly EventBatch[] | null) => void;

/** The relays of this process, by the pools that write to their outbox. */
const relays = new WeakMap<object, Set<Notify>>();

/** Notifies a relay of every commit of these pools that enqueued. Returns how to end that. */
export function watchCommits(pools: readonly object[], notify: Notify): () => void {
  for (const pool of pools) {
    const known = relays.get(pool);
    if (known) known.add(notify);
    else relays.set(pool, new Set([notify]));
  }
  return () => {
    for (const pool of pools) relays.get(pool)?.delete(notify);
  };
}

/**
 * Notifies the relays of a pool: after the commit of a transaction, or now when a single statement
 * ran on the pool.
 */
export function notifyAfterCommit(executor: Tx | WorkerSql, batches: readonly EventBatch[] | null): void {
  if (batches?.length === 0) return;
  const tx = 'onCommit' in executor ? executor : null;
  const notify = () => {
    for (const relay of relays.get(tx?.pool ?? executor) ?? []) relay(batches);
  };
  if (tx) tx.onCommit(notify);
  else notify();
}
