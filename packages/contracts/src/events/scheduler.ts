import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { isoTime, uuid } from '../primitives.ts';

export const timerFired = defineEvent(
  'scheduler.timer.fired',
  1,
  z.object({
    owner: z.string().describe('The service that ordered it'),
    key: z.string(),
    fireAt: isoTime(),
    firedAt: isoTime(),
    payload: z.record(z.string(), z.unknown()),
  }),
  'A timer came due; fired once, by whichever copy of the scheduler was first',
);

export const broadcastFinished = defineEvent(
  'scheduler.broadcast.finished',
  1,
  z.object({
    broadcastId: uuid(),
    name: z.string(),
    createdBy: uuid().nullable(),
    status: z.enum(['sent', 'failed', 'cancelled']),
    total: z.number().int(),
    sent: z.number().int(),
    failed: z.number().int(),
    at: isoTime(),
  }),
  'A broadcast has nothing left to send',
);

export const backupFinished = defineEvent(
  'scheduler.backup.finished',
  1,
  z.object({
    backupId: uuid(),
    requestedBy: uuid().nullable(),
    status: z.enum(['completed', 'failed']),
    sizeBytes: z.number().int().nullable(),
    reason: z.string().nullable(),
    at: isoTime(),
  }),
  'A backup is ready, or could not be made',
);
