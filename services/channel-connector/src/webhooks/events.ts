import { buildEvent, messageReceived, messageStatus } from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import type { KnownChannel } from '../channels/directory.ts';
import type { MetaChange } from '../providers/meta/payload.ts';

type Owner = Pick<KnownChannel, 'id' | 'tenantId'>;

/**
 * The events of one change, in its order. Their dedupe keys make a webhook that comes again one that was never sent again: a message is
 * known by its provider id, a tick by that and its status.
 */
export function eventsOf(channel: Owner, change: MetaChange, now: Date, traceparent?: string): OutgoingEvent[] {
  const { id: channelId, tenantId } = channel;
  const events: OutgoingEvent[] = [];
  const receivedAt = now.toISOString();
  for (const message of change.messages) {
    const event: OutgoingEvent = buildEvent(messageReceived, {
      tenantId,
      subject: message.providerMessageId,
      time: now,
      traceparent,
      data: { channelId, provider: 'meta', ...message, receivedAt },
    });
    event.dedupeKey = `in:${channelId}:${message.providerMessageId}`;
    events.push(event);
  }
  for (const status of change.statuses) {
    const about = status.providerMessageId ?? status.messageId!;
    const event: OutgoingEvent = buildEvent(messageStatus, {
      tenantId,
      subject: status.messageId ?? about,
      time: now,
      traceparent,
      data: { channelId, ...status, source: 'webhook' },
    });
    event.dedupeKey = `st:${channelId}:${about}:${status.status}`;
    events.push(event);
  }
  return events;
}
