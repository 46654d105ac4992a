import { RULE_EVENTS, uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Runs the rules of one event. Its key is the event's id. */
export const rulesJob = defineJob('run-rules', {
  schema: z.object({
    event: z.enum(RULE_EVENTS),
    eventId: uuid(),
    conversationId: uuid(),
    /** Of a message that came. */
    messageId: uuid().nullable(),
    /** Of a rule that waited: no other runs. */
    ruleId: uuid().nullable(),
    /** Rules whose effect the event is, the first one first. */
    cause: z.array(uuid()),
  }),
  lease: 60_000,
  retry: { pausesMs: backoff({ tries: 6, firstMs: 1000, maxMs: 300_000 }) },
  concurrency: { places: 8, perTenant: 4 },
});
