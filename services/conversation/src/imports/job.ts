import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** The rows of one file. `import.id` is its key: an import has one job. */
export const importJob = defineJob('import-contacts', {
  schema: z.object({ importId: uuid() }),
  lease: 30_000,
  retry: { pausesMs: backoff({ tries: 6, firstMs: 1000, maxMs: 60_000 }) },
  // One of a tenant, whose others wait: store.ts keeps it so over all copies.
  concurrency: { places: 2, perTenant: 1 },
});
