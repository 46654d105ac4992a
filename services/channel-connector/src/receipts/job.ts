import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { z } from 'zod';

/** Between the tries of a receipt. It is of little worth after some minutes. */
export const RECEIPT_PAUSES_MS = [1_000, 5_000, 30_000, 120_000];

/** Tells a provider that a message was read, unless a later one of the conversation was. */
export const receiptJob = defineJob('read-receipt', {
  schema: z.object({ conversationId: uuid(), messageId: uuid() }),
  // Longer than the call may take (RECEIPT_TIMEOUT_MS).
  lease: 30_000,
  retry: { pausesMs: RECEIPT_PAUSES_MS },
  concurrency: 8,
  keepDays: 1,
});
