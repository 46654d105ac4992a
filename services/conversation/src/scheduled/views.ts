import { type BuiltEvent, buildEvent, type ScheduledMessage, scheduledMessageUpdated } from '@recado/contracts';
import { isOvertaken } from './rules.ts';
import type { ScheduledInChat } from './store.ts';

/** As it is shown: one that the customer overtook is cancelled, before its time comes. */
export function scheduledView(row: ScheduledInChat): ScheduledMessage {
  const overtaken = isOvertaken(row, row.lastInboundAt);
  const settledAt = overtaken ? row.lastInboundAt : row.settledAt;
  return {
    id: row.id,
    conversationId: row.conversationId,
    userId: row.userId,
    content: row.content,
    sendAt: row.sendAt.toISOString(),
    cancelOnReply: row.cancelOnReply,
    status: overtaken ? 'cancelled' : row.status,
    reason: overtaken ? 'customer_wrote' : row.reason,
    error: row.error,
    messageId: row.messageId,
    settledAt: settledAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function scheduledNews(row: ScheduledInChat, traceparent?: string): BuiltEvent {
  const { conversationId, userId, sendAt, status, reason, messageId } = scheduledView(row);
  const { tenantId, id: scheduledId, contactName, assignedUserId } = row;
  const data = { scheduledId, conversationId, userId, sendAt, status, reason, messageId, contactName, assignedUserId };
  return buildEvent(scheduledMessageUpdated, { tenantId, subject: scheduledId, traceparent, data });
}
