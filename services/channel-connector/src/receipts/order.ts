import type { EventData, messageRead } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { Delivered } from '@recado/messaging';
import type { Directory } from '../channels/directory.ts';
import { receiptJob } from './job.ts';
import { lastOfEach } from './rules.ts';
import { type NewReceipt, upsertReceipts } from './store.ts';

type Read = Delivered<EventData<typeof messageRead>>;

/** Milliseconds in which later messages of the same conversation join. */
const GATHER_MS = 300;

/**
 * Orders a receipt for the last message that was read of each conversation. Repeats order none, and
 * neither do answers on a number that wants none for them.
 */
export async function orderReceipts(
  tx: Tx,
  { directory, now }: { directory: Pick<Directory, 'find'>; now: () => Date },
  told: readonly Read[],
): Promise<void> {
  const events: Read[] = [];
  for (const event of told) if (await isWanted(directory, event)) events.push(event);
  if (events.length === 0) return;
  const later = await upsertReceipts(tx, lastOfEach(events.map(toReceipt)));
  const runAt = new Date(now().getTime() + GATHER_MS);
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

/** An answer reads as well, unless the number's settings say otherwise. */
async function isWanted(directory: Pick<Directory, 'find'>, { data }: Read): Promise<boolean> {
  if (!data.byReply) return true;
  const channel = await directory.find(`id:${data.channelId}`);
  return channel === null || channel.receipts === 'replies';
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
