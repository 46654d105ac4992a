import { setTimeout as pause } from 'node:timers/promises';
import type { EventContract } from '@recado/contracts';
import type { ConsumerDefinition } from '@recado/messaging';
import { consume } from '@recado/service';
import type { Deps } from '../deps.ts';

/** Events in one transaction. */
const BATCH = 1024;
/**
 * After so many events, more are gathered first: five statements count a thousand as well as fifty.
 * Figures every 100 ms are new enough.
 */
const MANY = 16;
const GATHER_MS = 100;

/**
 * A consumer that counts. The inbox claims each event in the same transaction, so repeats count
 * once. Sums are by key and states by event time, so order does not matter.
 */
export function consumeToCount<D extends EventContract['data']>(
  deps: Deps,
  definition: Pick<ConsumerDefinition<D>, 'event' | 'handle'>,
) {
  return consume<D>(deps, {
    ...definition,
    dedupe: 'inbox',
    batch: BATCH,
    async afterCommit(events) {
      deps.announcer.moved(new Set(events.map(({ tenantId }) => tenantId)));
      if (events.length >= MANY && events.length < BATCH / 2) await pause(GATHER_MS);
    },
  });
}
