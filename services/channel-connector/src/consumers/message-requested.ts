import { messageRequested } from '@recado/contracts';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { keepDailyLimits } from '../dispatches/daily-limit.ts';
import { insertDispatches, type NewDispatch } from '../dispatches/store.ts';
import { cleanJson, cleanText } from '../webhooks/clean.ts';

/** `conversation.message.requested` → a queued dispatch each, sent at once. */
export function consumeMessageRequested(deps: Deps): EventConsumer {
  return startConsumer({
    bus: deps.bus,
    db: deps.workerDb.sql,
    service: 'channel-connector',
    event: messageRequested,
    // One dispatch per message: the primary key absorbs repeats, for ever.
    dedupe: 'handler',
    log: deps.log,
    registry: deps.registry,
    async handle(tx, events) {
      const rows = events.map(
        ({ data, tenantId, envelope }): NewDispatch => ({
          tenantId,
          messageId: data.messageId,
          conversationId: data.conversationId,
          channelId: data.channelId,
          recipient: cleanJson(data.to) as NewDispatch['recipient'],
          type: data.type,
          body: cleanText(data.text),
          requestedAt: data.requestedAt,
          traceparent: envelope.traceparent ?? null,
        }),
      );
      const fresh = new Set((await insertDispatches(tx, rows)).map((row) => row.messageId));
      const failed = await keepDailyLimits(
        tx,
        deps,
        rows.filter((row) => fresh.has(row.messageId)),
      );
      deps.metrics.sends.inc({ result: 'failed' }, failed);
    },
    afterCommit(events) {
      for (const { tenantId, data } of events) deps.sender.wake({ tenantId, channelId: data.channelId });
    },
  });
}
