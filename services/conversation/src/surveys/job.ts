import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Asks a customer, or says what comes after an answer. Both need the connector or the plan. */
export const surveyJob = defineJob('survey', {
  schema: z.object({ surveyId: uuid(), step: z.enum(['ask', 'comment', 'thanks']) }),
  lease: 30_000,
  retry: { pausesMs: backoff({ tries: 6, firstMs: 1000, maxMs: 60_000 }) },
  concurrency: { places: 2, perTenant: 1 },
});
