import { firstIdAt, uuidv7 } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { finishJob, type RunningJob } from '@recado/jobs';
import type { Deps } from '../deps.ts';
import { orderBackfill } from './collect.ts';
import { SEGMENT_SIZE, segmentsOf } from './segment.ts';
import { insertSegments, selectBackfill, selectBefore, selectUnknownTenants, setBackfill } from './store.ts';

/** Messages of one transaction. */
const BATCH = SEGMENT_SIZE * 4;
/** Tenants of one transaction. */
const TENANTS = 100;

/** Reads a tenant's older messages, the latest first. A killed run goes on where its commit was. */
export async function runBackfill(job: RunningJob<object>): Promise<void> {
  while (!job.signal.aborted) {
    const isDone = await job.commit(async (tx) => {
      const [row] = await selectBackfill(tx, job.tenantId);
      const rows = row?.beforeId ? await selectBefore(tx, job.tenantId, row.beforeId, BATCH) : [];
      const segments = segmentsOf(job.tenantId, rows.filter((one) => one.hasWords).reverse());
      await insertSegments(
        tx,
        job.tenantId,
        segments.map((segment) => ({ ...segment, id: uuidv7() })),
      );
      const isLast = rows.length < BATCH;
      await setBackfill(tx, job.tenantId, isLast ? null : rows.at(-1)!.id);
      if (isLast) await finishJob(tx, job);
      return isLast;
    });
    if (isDone) return;
    await job.progress({});
  }
}

/** Clocks, and so ids, of other processes may be ahead. What is read twice is shown once. */
const AHEAD_MS = 24 * 3_600_000;

/** Orders the reading for all tenants that no message has brought into the index. */
export async function orderBackfills({ workerDb, now }: Pick<Deps, 'workerDb' | 'now'>): Promise<void> {
  const beforeId = firstIdAt(now().getTime() + AHEAD_MS);
  let ordered: number;
  do {
    ordered = await withWorker(workerDb, async (tx) => {
      const unknown = await selectUnknownTenants(tx, TENANTS);
      for (const { tenantId } of unknown) await orderBackfill(tx, tenantId, beforeId);
      return unknown.length;
    });
  } while (ordered === TENANTS);
}
