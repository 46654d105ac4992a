import type { KnownChannel } from '../../channels/directory.ts';
import type { Sending } from '../sending/sending.ts';
import type { ClaimedDispatch } from '../store.ts';
import { rateOfRecipient } from './bucket.ts';

/**
 * Takes the pace of each row's customer, one call for each channel.
 * @returns milliseconds by message id, of the rows that must wait
 */
export async function takeRecipientPace(sending: Sending, rows: ClaimedDispatch[]): Promise<Map<string, number>> {
  const waits = new Map<string, number>();
  const byChannel = Map.groupBy(rows, ({ channelId }) => channelId);
  await Promise.all(
    [...byChannel].map(async ([channelId, own]) => {
      for (const [messageId, waitMs] of await waitsOf(sending, sending.directory.peek(`id:${channelId}`), own)) {
        waits.set(messageId, waitMs);
      }
    }),
  );
  return waits;
}

async function waitsOf(
  { pace, config }: Sending,
  channel: KnownChannel | null | undefined,
  rows: ClaimedDispatch[],
): Promise<[string, number][]> {
  const { recipientPace } = channel?.provider.capabilities ?? {};
  if (!channel || !recipientPace) return [];
  const rate = rateOfRecipient(recipientPace, config.RECADO_RATE_LIMIT_FACTOR);
  const grants = await pace.takeOfRecipients(channel.id, rows.map(addressOf), rate);
  return grants.flatMap(({ granted, waitMs }, i) => (granted === 1 ? [] : [[rows[i]!.messageId, Math.max(1, waitMs)]]));
}

const addressOf = ({ recipient: { group, waId, phone, userId }, conversationId }: ClaimedDispatch): string =>
  group ?? waId ?? phone ?? userId ?? conversationId;
