import { defineEvent } from '../event.ts';
import { timerCancelData, timerOrderData } from './ai-responder.ts';

export const conversationTimerOrdered = defineEvent(
  'conversation.timer.ordered',
  1,
  timerOrderData,
  'conversation wants to be woken: the reminder of a task, for one',
);
export const conversationTimerCancelled = defineEvent(
  'conversation.timer.cancelled',
  1,
  timerCancelData,
  'That timer is no longer wanted',
);
