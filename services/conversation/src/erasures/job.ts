import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Goes through all that is kept of a contact that was removed. */
export const eraseContactJob = defineJob('erase-contact', {
  schema: z.object({ contactId: uuid(), round: z.int() }),
  lease: 60_000,
  retry: { pausesMs: backoff({ tries: 24, firstMs: 1000, maxMs: 4 * 3600_000 }) },
  concurrency: { places: 2, perTenant: 1 },
});

/**
 * When each round begins. The second finds what was being stored during the first, the last what
 * came out of streams, which hold events for 72 hours.
 */
export const ROUND_PAUSES_MS: readonly number[] = [0, 10 * 60_000, 73 * 3600_000];
