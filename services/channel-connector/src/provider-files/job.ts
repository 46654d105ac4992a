import { uuid } from '@recado/contracts';
import type { Database } from '@recado/database';
import { withWorker } from '@recado/database';
import { defineJob, enqueueJobs } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';
import { markOrdered, type WantedFile } from './store.ts';

/**
 * Brings a file to the provider of a number. A refusal is the message's affair: only faults of ours
 * are tried again.
 */
export const bringJob = defineJob('bring-file', {
  schema: z.object({ channelId: uuid(), fileId: uuid(), form: z.enum(['original', 'ogg']) }),
  lease: 120_000,
  retry: { pausesMs: backoff({ tries: 6, firstMs: 1000, maxMs: 30_000 }) },
  concurrency: 8,
});

/** Orders what is neither there nor on its way. */
export async function orderFiles(workerDb: Database, wanted: readonly WantedFile[]): Promise<void> {
  await withWorker(workerDb, async (tx) => {
    const needed = await markOrdered(tx, wanted);
    await enqueueJobs(
      tx,
      bringJob,
      needed.map(({ tenantId, ...data }) => ({ tenantId, data })),
    );
  });
}
