import { withWorker } from '@recado/database';
import type { Deps } from '../deps.ts';
import { orderErasure } from './erase.ts';
import { selectAbandoned } from './store.ts';

const BATCH = 500;
const HOUR_MS = 3600_000;

/** Erases uploads that were never confirmed, and what killed processes left on this machine. */
export async function sweepFiles({ workerDb, spool }: Pick<Deps, 'workerDb' | 'spool'>): Promise<void> {
  await spool.sweep(HOUR_MS);
  const rows = await selectAbandoned(workerDb.sql, BATCH);
  const byTenant = Map.groupBy(rows, ({ tenantId }) => tenantId);
  for (const [tenantId, own] of byTenant) {
    await withWorker(workerDb, (tx) =>
      orderErasure(
        tx,
        tenantId,
        own.map(({ id }) => id),
      ),
    );
  }
}
