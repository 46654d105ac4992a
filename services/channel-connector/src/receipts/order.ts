import type { EventData, messageRead } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { Delivered } from '@recado/messaging';
import { receiptJob } from './job.ts';
import { lastOfEach } from './rules.ts';
import { type NewReceipt, upsertReceipts } from './store.ts';

type Read = Delivered<EventData<typeof messageRead>>;

/** Milliseconds in which later messages of the same conversation join. */
const GATHER_MS = 300;

/** Orders a receipt for the last message that was read of each conversation. Repeats order none. */
export async function orderReceipts(tx: Tx, events: readonly Read[], now: Date): Promise<void> {
  const later = await upsertReceipts(tx, lastOfEach(events.map(toReceipt)));
  const runAt = new Date(now.getTime() + GATHER_MS);
  const traces = new Map(events.map(({ data, envelope }) => [data.messageId, envelope.traceparent]));
  await enqueueJobs(
    tx,
    receiptJob,
    later.map(({ tenantId, conversationId, messageId }) => ({
      tenantId,
      data: { conversationId, messageId },
      key: messageId,
      runAt,
      traceparent: traces.get(messageId),
    })),
  );
}

const toReceipt = ({ tenantId, data }: Read): NewReceipt => ({
  tenantId,
  conversationId: data.conversationId,
  channelId: data.channelId,
  messageId: data.messageId,
  providerMessageId: data.providerMessageId,
  earlier: data.earlier ?? [],
  recipient: data.to,
  sentTime: data.sentTime,
  readAt: data.at,
});
