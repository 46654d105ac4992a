import { setTimeout as pause } from 'node:timers/promises';
import { aiReplyRequested, messageReceived, messageStatus } from '@recado/contracts';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import { followTenants } from '@recado/service';
import { createContactMemory } from '../contacts/memory.ts';
import type { Deps } from '../deps.ts';
import { acceptAiReplies } from './ai-reply.ts';
import { storeReceived } from './message-received.ts';
import { applyStatuses } from './message-status.ts';

/**
 * In a flood the next messages are given a moment to gather: a batch costs much the same whatever
 * is in it. Alone a message never waits.
 */
const FLOOD = 32;
const GATHER_MS = 10;
/** Messages in one transaction. */
const BATCH = 512;

/**
 * Starts what conversation consumes. All are idempotent by their unique keys or by rank, so no
 * inbox is kept.
 */
export function startConsumers(deps: Deps): EventConsumer[] {
  const { bus, registry, log, metrics, now } = deps;
  const memory = createContactMemory();
  const common = {
    bus,
    db: deps.workerDb.sql,
    service: 'conversation' as const,
    dedupe: 'handler' as const,
    log,
    registry,
  };
  return [
    startConsumer({
      ...common,
      event: messageReceived,
      batch: BATCH,
      // A customer's second message is never before the first: one tenant's batches come one after
      // the other.
      concurrency: 2,
      handle: async (tx, events) => {
        const stored = await storeReceived(tx, events, now(), memory);
        metrics.stored.inc({ direction: 'inbound', author: 'contact' }, stored);
        metrics.repeated.inc(events.length - stored);
      },
      afterCommit: async (events) => {
        // Half a batch and more is behind already: no time to lose.
        if (events.length >= FLOOD && events.length < BATCH / 2) await pause(GATHER_MS);
      },
    }),
    startConsumer({
      ...common,
      event: messageStatus,
      handle: async (tx, events) => {
        const outcome = await applyStatuses(tx, events);
        for (const [name, count] of Object.entries(outcome)) metrics.statuses.inc({ outcome: name }, count);
      },
    }),
    startConsumer({
      ...common,
      event: aiReplyRequested,
      handle: async (tx, events) => {
        const { accepted, skipped } = await acceptAiReplies(tx, events, now(), deps.tenants);
        metrics.stored.inc({ direction: 'outbound', author: 'ai' }, accepted);
        for (const reason of skipped) metrics.aiRepliesSkipped.inc({ reason });
      },
    }),
    ...followTenants(deps),
  ];
}
