import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Reads all templates of a channel's account from its provider. */
export const templatesJob = defineJob('templates', {
  schema: z.object({ channelId: uuid() }),
  // A page takes at most 15 s, and each begins the lease anew.
  lease: 60_000,
  retry: { pausesMs: backoff({ tries: 5, firstMs: 5000, factor: 4, maxMs: 600_000 }) },
  concurrency: 4,
  keepDays: 1,
});
