import type { EventData, timerFired } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { Delivered } from '@recado/messaging';
import { firedTimers } from '../timers/fired.ts';
import { SCHEDULED } from './change.ts';
import { scheduledMessageJob } from './job.ts';

/** Orders the sending of messages whose time has come. It asks other services: no work for here. */
export async function orderScheduled(
  tx: Tx,
  events: readonly Delivered<EventData<typeof timerFired>>[],
): Promise<void> {
  await enqueueJobs(
    tx,
    scheduledMessageJob,
    firedTimers(events, SCHEDULED).map(({ tenantId, id, fireAt }) => ({
      tenantId,
      data: { scheduledId: id, fireAt: fireAt.toISOString() },
      // One that was moved fires again.
      key: `${id} ${fireAt.getTime()}`,
    })),
  );
}
