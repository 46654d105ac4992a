import { uuid } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { defineJob, enqueueJobs, finishJob, type RunningJob } from '@recado/jobs';
import type { Delivered } from '@recado/messaging';
import { z } from 'zod';
import { eraseDeliveries } from './store.ts';

/** Erases what the log of deliveries keeps of a contact who was removed. */
export const eraseDeliveriesJob = defineJob('erase-deliveries', {
  /** `removal`: the event that told of it. */
  schema: z.object({ contactId: uuid(), removal: uuid().optional() }),
  lease: 60_000,
  concurrency: 2,
  keepDays: 1,
});

/** By then each delivery of what the contact wrote since has ended: its tries take 28 hours. */
const LATER_MS = 48 * 3600_000;

/** At once, and again for what came since: the chats stay. */
export async function orderErasures(
  tx: Tx,
  events: readonly Delivered<{ contactId: string; mergedInto?: string | undefined }>[],
  now: Date,
): Promise<void> {
  const later = new Date(now.getTime() + LATER_MS);
  await enqueueJobs(
    tx,
    eraseDeliveriesJob,
    events.flatMap(({ tenantId, id, data: { contactId, mergedInto } }) =>
      mergedInto
        ? []
        : [
            { tenantId, data: { contactId, removal: id }, key: id },
            { tenantId, data: { contactId, removal: id }, key: `${id} later`, runAt: later },
          ],
    ),
  );
}

export const runErasure = (job: RunningJob<{ contactId: string; removal?: string | undefined }>): Promise<void> =>
  job.commit(async (tx) => {
    const { contactId, removal } = job.data;
    if (await finishJob(tx, job)) await eraseDeliveries(tx, job.tenantId, contactId, removal ?? null);
  });
