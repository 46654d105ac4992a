import { z } from 'zod';
import { defineJob } from '../src/index.ts';

/** Writes its text down. */
export const noteJob = defineJob('note', {
  schema: z.object({ text: z.string().min(1) }),
  lease: 60_000,
  retry: { pausesMs: [10, 20], maxLost: 2 },
  concurrency: 4,
});
