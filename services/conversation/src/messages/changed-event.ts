import { type BuiltEvent, buildEvent, type MessageDetails, messageUpdated } from '@recado/contracts';
import { withFile } from './details.ts';
import type { StoredMessage } from './store.ts';

/** Tells what a message is now; its status is what it was. @param at ISO 8601, of the change */
export function changedEvent(message: StoredMessage, at: string, details: MessageDetails | null): BuiltEvent {
  const { tenantId, id, conversationId, channelId, providerMessageId, status, direction, author } = message;
  const { type, content, errorCode, errorMessage, file } = message;
  const data = {
    messageId: id,
    conversationId,
    channelId,
    providerMessageId,
    status,
    previousStatus: status,
    direction,
    author,
    at,
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
    change: { type, content, details: withFile(details, file) },
  };
  return buildEvent(messageUpdated, { tenantId, subject: id, data });
}
