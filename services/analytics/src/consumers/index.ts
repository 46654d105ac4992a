import { setTimeout as pause } from 'node:timers/promises';
import {
  conversationCreated,
  conversationUpdated,
  type EventContract,
  type EventData,
  messageUpdated,
  tenantCreated,
  tenantUpdated,
} from '@recado/contracts';
import { type Delivered, type EventConsumer, startConsumer, type Tx } from '@recado/messaging';
import { saveStates } from '../conversations/store.ts';
import { recordCounts } from '../counts/record.ts';
import { type Count, countCreated, countUpdated, messageToCount } from '../counts/rules.ts';
import type { Deps } from '../deps.ts';
import { saveTenants } from '../tenants/store.ts';
import { startAuditConsumers } from './audit.ts';

/** Events in one transaction. */
const BATCH = 1024;
/**
 * After so many the next are given time to gather: five statements count a thousand as well as
 * fifty, and nobody looks at figures every 100 ms.
 */
const MANY = 16;
const GATHER_MS = 100;

/**
 * Starts what analytics consumes. Each event is claimed in the inbox in the transaction that counts it, so redelivered and
 * republished ones count once; sums are by key and states by event time, so their order doesn't matter.
 */
export function startConsumers(deps: Deps): EventConsumer[] {
  const { workerDb, bus, log, registry, announcer } = deps;
  const zone = deps.config.RECADO_DEFAULT_TIMEZONE;

  function on<C extends EventContract>(
    event: C,
    handle: (tx: Tx, events: Delivered<EventData<C>>[]) => Promise<void>,
  ): EventConsumer {
    return startConsumer({
      bus,
      db: workerDb.sql,
      service: 'analytics',
      event,
      dedupe: 'inbox',
      batch: BATCH,
      log,
      registry,
      handle: handle as (tx: Tx, events: Delivered[]) => Promise<void>,
      afterCommit: async (events) => {
        announcer.moved(new Set(events.map((e) => e.tenantId)));
        if (events.length >= MANY && events.length < BATCH / 2) await pause(GATHER_MS);
      },
    });
  }

  const count =
    <T>(rule: (tenantId: string, data: T) => Count[]) =>
    (tx: Tx, events: Delivered<T>[]) =>
      recordCounts(
        tx,
        events.flatMap((e) => rule(e.tenantId, e.data)),
        zone,
      );

  return [
    on(messageToCount, count(countCreated)),
    on(messageUpdated, count(countUpdated)),
    on(conversationCreated, async (tx, events) => {
      await saveStates(
        tx,
        events.map((e) => ({
          tenantId: e.tenantId,
          conversationId: e.data.conversation.id,
          open: e.data.conversation.status !== 'closed',
          changedAt: e.envelope.time,
        })),
      );
      await recordCounts(
        tx,
        events.map((e) => ({
          tenantId: e.tenantId,
          metric: 'conversations',
          by: 1,
          at: e.data.conversation.createdAt,
        })),
        zone,
      );
    }),
    on(conversationUpdated, (tx, events) =>
      saveStates(
        tx,
        events.map((e) => ({
          tenantId: e.tenantId,
          conversationId: e.data.conversation.id,
          open: e.data.conversation.status !== 'closed',
          changedAt: e.envelope.time,
        })),
      ),
    ),
    ...[tenantCreated, tenantUpdated].map((event) =>
      on(event, (tx, events) =>
        saveTenants(
          tx,
          events.map((e) => ({ tenantId: e.tenantId, timezone: e.data.timezone, changedAt: e.envelope.time })),
        ),
      ),
    ),
    ...startAuditConsumers(deps),
  ];
}
