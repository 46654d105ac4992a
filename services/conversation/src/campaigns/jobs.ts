import { uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

const retry = { pausesMs: backoff({ tries: 8, firstMs: 1000, maxMs: 600_000 }) };
const concurrency = { places: 2, perTenant: 1 };

/** The open chats of numbers that joined a campaign enter it. */
export const adoptJob = defineJob('adopt-chats', {
  schema: z.object({ channelIds: z.array(uuid()) }),
  lease: 60_000,
  retry,
  concurrency,
});

/** The open chats of a removed campaign leave it. */
export const freeJob = defineJob('free-chats', {
  schema: z.object({ campaignId: uuid() }),
  lease: 60_000,
  retry,
  concurrency,
});
