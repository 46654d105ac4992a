import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/** Works out and settles one reply. Its key is the message, so no message has two. */
export const replyJob = defineJob('reply', {
  schema: z.object({ inboundMessageId: uuid() }),
  // Longer than the deadlines of the thread and the model together.
  lease: 45_000,
  // More than decide() allows: a person is asked before the job is dead.
  retry: { pausesMs: backoff({ tries: 10, firstMs: 1000, factor: 3, maxMs: 60_000 }), maxLost: 10 },
});
