import { withWorker } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { Deps } from '../deps.ts';
import { historyJob } from './job.ts';
import { takeDueHistory } from './store.ts';

/** Webhooks that did not reach us leave a gap for at most so long. */
const HOURLY_SECONDS = 3600;
const AT_ONCE = 20;

/** Orders a look at the messages of linked phones: after each connection, and each hour. */
export async function orderDueHistory({ workerDb, providers }: Pick<Deps, 'workerDb' | 'providers'>): Promise<void> {
  const names = [...providers.values()].filter((one) => one.readHistory).map(({ name }) => name);
  await withWorker(workerDb, async (tx) => {
    const due = await takeDueHistory(tx, names, HOURLY_SECONDS, AT_ONCE);
    await enqueueJobs(
      tx,
      historyJob,
      due.map(({ tenantId, id: channelId }) => ({ tenantId, data: { channelId } })),
    );
  });
}
