import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { isoTime, uuid } from '../primitives.ts';

/** An order for the scheduler, which alone keeps time. */
export const timerOrderData = z.object({
  /** Unique per tenant and ordering service; ordering it again before it fires moves it. */
  key: z.string().min(1).max(200),
  fireAt: isoTime(),
  payload: z.record(z.string(), z.unknown()),
});
export const timerCancelData = z.object({ key: z.string().min(1).max(200) });

export const aiTimerOrdered = defineEvent(
  'ai-responder.timer.ordered',
  1,
  timerOrderData,
  'ai-responder wants to be woken (its responseDelay)',
);
export const aiTimerCancelled = defineEvent(
  'ai-responder.timer.cancelled',
  1,
  timerCancelData,
  'That timer is no longer wanted',
);

export const aiReplyRequested = defineEvent(
  'ai-responder.reply.requested',
  1,
  z.object({
    conversationId: uuid(),
    /** The customer's message it answers: at most one reply to each. */
    inboundMessageId: uuid(),
    text: z.string(),
    model: z.string(),
    tokensUsed: z.number().int(),
    requestedAt: isoTime(),
  }),
  'The AI has a reply; conversation sends it if no person has taken over by then',
);

export const aiHandoff = defineEvent(
  'ai-responder.conversation.handed-off',
  1,
  z.object({
    conversationId: uuid(),
    inboundMessageId: uuid(),
    reason: z.enum(['budget', 'model_error', 'timeout', 'empty_reply', 'asked_for_person']),
    at: isoTime(),
  }),
  'The AI gave up on a message: a person is needed',
);
