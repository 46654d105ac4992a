import { withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { createCache } from '@recado/service-kit';
import { noteLimited } from '../channels/store.ts';
import { limitedEvents } from '../channels/views.ts';
import type { Deps } from '../deps.ts';
import type { InboundCost } from './inbound-limits.ts';

/**
 * For which this process does not ask the row again; the row itself holds the hour over all copies.
 */
const QUIET_MS = 60_000;

/** Tells tenants that a number of theirs is limited, behind the answer and at most once an hour. */
export function createTellLimited(
  deps: Pick<Deps, 'workerDb' | 'log' | 'now'>,
): (cost: Pick<InboundCost, 'channelId' | 'tenantId' | 'plan'>) => void {
  const told = createCache<string, true>({ max: 20_000, ttl: QUIET_MS });
  return ({ channelId, tenantId, plan }) => {
    if (told.has(channelId)) return;
    told.set(channelId, true);
    withWorker(deps.workerDb, async (tx) => {
      const row = await noteLimited(tx, tenantId, channelId);
      if (row) await enqueue(tx, limitedEvents(row, plan, deps.now()));
      return row;
    }).then(
      (row) => {
        if (!row) return;
        deps.log.warn({ tenantId, channelId, plan }, 'a number receives more than its plan allows');
      },
      (err: unknown) => {
        told.delete(channelId);
        deps.log.warn({ err, channelId }, 'a tenant could not be told of its limit');
      },
    );
  };
}
