import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { isoTime } from '../primitives.ts';

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
