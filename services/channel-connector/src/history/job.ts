import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { z } from 'zod';

/** Reads what the server of a linked phone keeps, and stores what no webhook brought. */
export const historyJob = defineJob('read-history', {
  schema: z.object({ channelId: uuid() }),
  lease: 60_000,
  retry: { pausesMs: [10_000, 60_000, 300_000] },
  concurrency: 4,
  keepDays: 1,
});
