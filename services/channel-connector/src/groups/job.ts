import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { z } from 'zod';

/** Asks the provider for the name of a group and who takes part. */
export const lookUpJob = defineJob('look-up-group', {
  schema: z.object({ channelId: uuid(), groupId: z.string().max(256) }),
  // Longer than the two calls may take.
  lease: 30_000,
  retry: { pausesMs: [2_000, 30_000, 300_000] },
  concurrency: 4,
  keepDays: 1,
});
