import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Files on their way from providers at once, in each copy. */
export const FETCHES = 16;

/**
 * Fetches the file of a received message. It is tried for two days, as providers keep it for longer
 * and a number may get new credentials.
 */
export const fetchJob = defineJob('fetch-media', {
  schema: z.object({ fileId: uuid() }),
  lease: 180_000,
  retry: { pausesMs: backoff({ tries: 18, firstMs: 2000, factor: 3, maxMs: 4 * 3600_000 }) },
  concurrency: FETCHES,
});
