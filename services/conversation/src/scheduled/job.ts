import { isoTime, uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Sends one message whose time has come. */
export const scheduledMessageJob = defineJob('scheduled-message', {
  schema: z.object({ scheduledId: uuid(), fireAt: isoTime() }),
  lease: 30_000,
  // A little more than an hour in all: then it is too late for its words.
  retry: { pausesMs: backoff({ tries: 14, firstMs: 1000, factor: 3, maxMs: 600_000 }), maxLost: 20 },
  concurrency: { places: 4, perTenant: 2 },
});
