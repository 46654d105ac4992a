import type { EventData, messageBulkRequested, messageRequested } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { cleanJson, cleanText } from '../webhooks/clean.ts';
import { keepDailyLimits } from './limits/daily-limit.ts';
import { keepMessagingLimits, type Queued } from './limits/messaging-limit.ts';
import { insertDispatches, type NewDispatch } from './store.ts';

type Requested = Delivered<EventData<typeof messageRequested | typeof messageBulkRequested>>;

/**
 * Queues a dispatch for each requested message, and sends it at once after the commit. The primary
 * key absorbs repeats, for ever.
 */
export async function orderDispatches(tx: Tx, deps: Deps, events: readonly Requested[]): Promise<void> {
  const rows = events.map(toDispatch);
  const fresh = new Set((await insertDispatches(tx, rows)).map((row) => row.messageId));
  const failed = await keepDailyLimits(
    tx,
    deps,
    rows.filter((row) => fresh.has(row.messageId)),
  );
  const left = events.flatMap(({ data }, i): Queued[] =>
    fresh.has(data.messageId) && !failed.has(data.messageId)
      ? [{ row: rows[i]!, lastInboundAt: data.lastInboundAt ?? null }]
      : [],
  );
  const beyond = await keepMessagingLimits(tx, deps, left);
  deps.metrics.sends.inc({ result: 'failed' }, failed.size + beyond);
  tx.onCommit(() => {
    for (const row of rows) deps.sender.wake(row);
  });
}

function toDispatch({ data, tenantId, envelope }: Requested): NewDispatch {
  return {
    tenantId,
    messageId: data.messageId,
    conversationId: data.conversationId,
    channelId: data.channelId,
    recipient: cleanJson(data.to) as NewDispatch['recipient'],
    type: data.type,
    body: cleanText(data.text),
    content: data.content ? (cleanJson(data.content) as NewDispatch['content']) : null,
    about: data.about ? (cleanJson(data.about) as NewDispatch['about']) : null,
    rank: data.bulk ? 1 : 0,
    dueAt: data.notBefore ?? null,
    requestedAt: data.requestedAt,
    traceparent: envelope.traceparent ?? null,
  };
}
