import { aiTimerOrdered, buildEvent, type EventData, type messageCreated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import type { Policies } from '../configs/policies.ts';
import { fireTime, isAnswerable, isWanted } from './rules.ts';
import { insertWaiting, type NewReply, supersedeEarlier } from './store.ts';

/** The scheduler's key: one timer for each conversation, so that a further message moves it. */
export const timerKey = (conversationId: string): string => `reply:${conversationId}`;

/**
 * Orders a timer for each customer's message that the AI is to answer. Messages of tenants without
 * AI cost no statement of their own. `zone`: of business hours that name none.
 */
export async function orderReplies(
  tx: Tx,
  events: readonly Delivered<EventData<typeof messageCreated>>[],
  { policies, now, zone }: { policies: Policies; now: Date; zone: string },
): Promise<void> {
  const answerable = events.filter((event) => isAnswerable(event.data));
  if (answerable.length === 0) return;
  const known = await policies.load(tx, new Set(answerable.map((event) => event.tenantId)));
  const replies = answerable.flatMap(({ tenantId, data: { message, conversation }, envelope }): NewReply[] => {
    const policy = known.get(tenantId);
    if (!policy || !isWanted(policy, message, now, zone)) return [];
    const inboundAt = new Date(message.createdAt);
    return [
      {
        tenantId,
        inboundMessageId: message.id,
        conversationId: conversation.id,
        inboundAt,
        isNew: conversation.isNew,
        fireAt: fireTime(inboundAt, policy.responseDelay, now),
        traceparent: envelope.traceparent,
      },
    ];
  });
  if (replies.length === 0) return;
  const inserted = await insertWaiting(tx, replies);
  const fresh = replies.filter((reply) => inserted.has(reply.inboundMessageId));
  if (fresh.length === 0) return;
  const superseded = await supersedeEarlier(tx, fresh);
  await enqueue(
    tx,
    fresh.filter((reply) => !superseded.has(reply.inboundMessageId)).map((reply) => timerOrder(reply, now)),
  );
}

function timerOrder({ tenantId, conversationId, inboundMessageId, fireAt, traceparent }: NewReply, now: Date) {
  return {
    ...buildEvent(aiTimerOrdered, {
      tenantId,
      subject: conversationId,
      time: now,
      traceparent,
      data: {
        key: timerKey(conversationId),
        fireAt: fireAt.toISOString(),
        payload: { conversationId, inboundMessageId },
      },
    }),
    dedupeKey: `timer:${inboundMessageId}`,
  };
}
