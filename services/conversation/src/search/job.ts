import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Reads a tenant's messages from before the index; the tenant's id is its key. */
export const backfillJob = defineJob('search-backfill', {
  schema: z.object({}),
  lease: 60_000,
  retry: { pausesMs: backoff({ tries: 8, firstMs: 1000, maxMs: 600_000 }) },
  // Customers' messages go before: one tenant at a time.
  concurrency: { places: 1, perTenant: 1 },
});
