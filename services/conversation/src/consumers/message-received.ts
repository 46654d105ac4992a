import { setTimeout as pause } from 'node:timers/promises';
import { messageReceived } from '@recado/contracts';
import { consume } from '@recado/service';
import { createContactMemory } from '../contacts/memory.ts';
import type { Deps } from '../deps.ts';
import { receiveMessages } from '../inbound/receive.ts';

/** Messages in one transaction. */
const BATCH = 512;
/**
 * In a flood the next messages are gathered first: a batch of any size costs about the same. A
 * single message never waits.
 */
const FLOOD = 32;
const GATHER_MS = 10;

export function consumeMessageReceived(deps: Deps) {
  const { metrics, now } = deps;
  const memory = createContactMemory();
  return consume(deps, {
    event: messageReceived,
    dedupe: 'handler',
    batch: BATCH,
    // A tenant's batches come one after the other: a customer's messages keep their order.
    concurrency: 2,
    async handle(tx, events) {
      const stored = await receiveMessages(tx, events, now(), memory, (count) =>
        metrics.ignored.inc({ name: 'foreign_change' }, count),
      );
      metrics.stored.inc({ direction: 'inbound', author: 'contact' }, stored);
      metrics.repeated.inc(events.length - stored);
    },
    async afterCommit(events) {
      // Half a batch and more is behind already: no time to lose.
      if (events.length >= FLOOD && events.length < BATCH / 2) await pause(GATHER_MS);
    },
  });
}
