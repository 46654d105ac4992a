import { isoTime, uuid } from '@recado/contracts';
import { defineJob } from '@recado/jobs';
import { backoff } from '@recado/loops';
import { z } from 'zod';

/**
 * Brings one delivery to its endpoint. The handler keeps the schedule of tries itself, because
 * Retry-After moves it: `retry` is for what fails on our side.
 */
export const deliveryJob = defineJob('webhook-delivery', {
  schema: z.object({ deliveryId: uuid() }),
  lease: 60_000,
  retry: { pausesMs: backoff({ tries: 20, firstMs: 1000, maxMs: 60_000 }), maxLost: 20 },
  // Most of a place's time is waiting for a receiver.
  concurrency: { places: 256, perTenant: 64 },
  keepDays: 0,
});

/** Orders again what failed. Known for a week, so that its progress can be asked for. */
export const replayJob = defineJob('webhook-replay', {
  schema: z.object({ endpointId: uuid(), since: isoTime(), before: isoTime() }),
  lease: 60_000,
  concurrency: 4,
});
