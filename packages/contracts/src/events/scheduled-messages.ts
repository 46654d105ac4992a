import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { scheduledMessage } from '../internal/scheduled-messages.ts';
import { uuid } from '../primitives.ts';

/** Without its words: who may read them asks for it. */
export const scheduledMessageUpdated = defineEvent(
  'conversation.scheduled-message.updated',
  1,
  z.object({
    scheduledId: uuid(),
    ...scheduledMessage.pick({
      conversationId: true,
      userId: true,
      sendAt: true,
      status: true,
      reason: true,
      messageId: true,
    }).shape,
    contactName: z.string().nullable(),
    assignedUserId: uuid().nullable(),
  }),
  'A message that is sent later was made, changed, sent, cancelled, or failed',
);
