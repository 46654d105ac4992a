import {
  aiTimerCancelled,
  aiTimerOrdered,
  type EventContract,
  type ServiceName,
  type timerCancelData,
  type timerOrderData,
  uuidv7,
} from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { lastWords, type TimerWord } from '../timers/rules.ts';
import { applyWords } from '../timers/store.ts';

/** Who may order timers, and by which events. Another service is another line. */
const ORDERS: readonly {
  owner: ServiceName;
  ordered: EventContract<typeof timerOrderData>;
  cancelled: EventContract<typeof timerCancelData>;
}[] = [{ owner: 'ai-responder', ordered: aiTimerOrdered, cancelled: aiTimerCancelled }];

/**
 * Starts what scheduler consumes: orders and cancellations of timers. Rows know the newest event
 * applied to them, so no inbox is kept.
 */
export function startConsumers({ bus, workerDb, log, registry, timers }: Deps): EventConsumer[] {
  const common = { bus, db: workerDb.sql, service: 'scheduler', dedupe: 'handler', batch: 512, log, registry } as const;
  return ORDERS.flatMap(({ owner, ordered, cancelled }) => [
    startConsumer({
      ...common,
      event: ordered,
      handle: (tx, events) =>
        apply(
          tx,
          events.map(({ tenantId, id, data, envelope }) => ({
            tenantId,
            owner,
            key: data.key,
            state: 'armed',
            fireAt: data.fireAt,
            payload: data.payload,
            eventTime: envelope.time,
            eventId: id,
          })),
        ),
      // One of them may be due before what the loop waits for.
      afterCommit: timers.wake,
    }),
    startConsumer({
      ...common,
      event: cancelled,
      handle: (tx, events) =>
        apply(
          tx,
          events.map(({ tenantId, id, data, envelope }) => ({
            tenantId,
            owner,
            key: data.key,
            state: 'cancelled',
            fireAt: envelope.time,
            payload: {},
            eventTime: envelope.time,
            eventId: id,
          })),
        ),
    }),
  ]);
}

/**
 * Bytes of JSON. Firing writes hundreds of payloads in one statement, and none may push its event
 * past what NATS takes; who has more to remember keeps it and names it in the payload.
 */
const MAX_PAYLOAD_BYTES = 64 * 1024;

/** @throws when a payload is too large; the consumer then parks that event and the rest goes on. */
async function apply(tx: Tx, words: TimerWord[]): Promise<void> {
  for (const { key, payload } of words) {
    const bytes = Buffer.byteLength(JSON.stringify(payload));
    if (bytes > MAX_PAYLOAD_BYTES) throw new Error(`The payload of timer ${key} has ${bytes} bytes`);
  }
  await applyWords(
    tx,
    lastWords(words).map((word) => ({ ...word, id: uuidv7() })),
  );
}
