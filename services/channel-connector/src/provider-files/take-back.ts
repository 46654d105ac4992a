import { uuid } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { defineJob, enqueueJobs, type RunningJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';
import type { FileDeps } from '../deps.ts';
import { deleteBrought } from './store.ts';

/** Removes an erased file from a provider, which would keep it for weeks. */
export const takeBackJob = defineJob('take-back-file', {
  schema: z.object({ channelId: uuid(), providerFileId: z.string() }),
  lease: 60_000,
  retry: { pausesMs: backoff({ tries: 12, firstMs: 2000, maxMs: 4 * 3600_000 }) },
  concurrency: 2,
});

/** Forgets where files were brought, and orders that they are removed there. */
export async function orderTakingBack(tx: Tx, tenantId: string, fileIds: readonly string[]): Promise<void> {
  const brought = await deleteBrought(tx, tenantId, fileIds);
  await enqueueJobs(
    tx,
    takeBackJob,
    brought.map((data) => ({ tenantId, data })),
  );
}

/** Without the number its token is gone too: then the provider's own term ends it. */
export async function runTakeBack(
  { directory }: FileDeps,
  { tenantId, data: { channelId, providerFileId } }: RunningJob<{ channelId: string; providerFileId: string }>,
): Promise<void> {
  const channel = await directory.find(`id:${channelId}`);
  if (channel?.tenantId !== tenantId || !channel.provider.uploads) return;
  const outcome = await channel.provider.uploads.remove(channel, providerFileId);
  if (outcome.kind === 'lost' || outcome.kind === 'not-sent') throw new Error(outcome.reason);
}
