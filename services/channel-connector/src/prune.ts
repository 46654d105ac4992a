import { pruneDeliveries } from './deliveries/store.ts';
import type { Deps } from './deps.ts';
import { pruneAttempts } from './dispatches/sending/attempts.ts';
import { sweepFiles } from './files/sweep.ts';
import { pruneLookUps } from './groups/store.ts';
import { pruneProviderFiles } from './provider-files/store.ts';
import { pruneReceipts } from './receipts/store.ts';

/** Deletes rows and files whose time is over. */
export function prune(deps: Deps): Promise<unknown> {
  const { sql } = deps.workerDb;
  return Promise.all([
    pruneAttempts(sql),
    pruneDeliveries(sql),
    pruneReceipts(sql),
    pruneLookUps(sql),
    sweepFiles(deps),
    pruneProviderFiles(sql),
  ]);
}
