import { buildEvent, dispatchUncertain, messageStatus } from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';

interface About {
  tenantId: string;
  messageId: string;
  channelId: string;
  traceparent?: string | null;
}

/** `message.status-changed` by the connector's own knowledge. */
export function dispatchStatusEvent(
  about: About,
  status: 'sent' | 'failed',
  providerMessageId: string | null,
  error: { code: string; message: string } | null,
  at: Date,
): OutgoingEvent {
  const { tenantId, messageId, channelId, traceparent } = about;
  return buildEvent(messageStatus, {
    tenantId,
    subject: messageId,
    time: at,
    traceparent: traceparent ?? undefined,
    data: { channelId, messageId, providerMessageId, status, at: at.toISOString(), error, source: 'dispatch' },
  });
}

/** @param afterMs how long it waits for its status */
export function uncertainEvent(about: About, at: Date, afterMs: number): OutgoingEvent {
  const { tenantId, messageId, channelId, traceparent } = about;
  return buildEvent(dispatchUncertain, {
    tenantId,
    subject: messageId,
    time: at,
    traceparent: traceparent ?? undefined,
    data: { messageId, channelId, at: at.toISOString(), until: new Date(at.getTime() + afterMs).toISOString() },
  });
}
