import { withWorker } from '@recado/database';
import { pruneVersions } from './changes/store.ts';
import type { Deps } from './deps.ts';
import { pruneDrafts } from './drafts/store.ts';
import { pruneDigests } from './erasures/known-store.ts';
import { pruneFiles } from './files/store.ts';
import { sweepSpool } from './imports/spool.ts';
import { pruneImports } from './imports/store.ts';
import { pruneKeys } from './messages/keys.ts';
import { pruneRuns } from './rules/store.ts';
import { pruneScheduled } from './scheduled/store.ts';
import { orderBackfills } from './search/backfill.ts';
import { pruneStatuses } from './statuses/store.ts';
import { pruneUncertain } from './statuses/uncertain.ts';

/** Deletes rows and files whose time is over, and orders what old messages lack. */
export async function prune(deps: Deps): Promise<void> {
  await orderBackfills(deps);
  await sweepSpool();
  await withWorker(deps.workerDb, async (tx) => {
    await pruneKeys(tx);
    await pruneStatuses(tx);
    await pruneUncertain(tx);
    await pruneVersions(tx);
    await pruneFiles(tx);
    await pruneImports(tx);
    await pruneDigests(tx);
    await pruneDrafts(tx);
    await pruneScheduled(tx);
    await pruneRuns(tx);
  });
}
