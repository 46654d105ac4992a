import { createCommitSignal } from '@recado/loops';
import type { Tx, WorkerSql } from '../types.ts';
import type { EventBatch } from './event-batch.ts';

/** Tells relays of what was committed; null when only the table knows what was written. */
export const committedBatches = createCommitSignal<readonly EventBatch[] | null>();

/**
 * Notifies the relays of a pool: after the commit of a transaction, or now when a single statement
 * ran on the pool.
 */
export function notifyAfterCommit(executor: Tx | WorkerSql, batches: readonly EventBatch[] | null): void {
  if (batches?.length === 0) return;
  if ('onCommit' in executor) committedBatches.tellAfter(executor, batches);
  else committedBatches.tell(executor, batches);
}
