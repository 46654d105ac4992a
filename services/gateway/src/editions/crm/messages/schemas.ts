import { isoTime, MESSAGE_STATUSES, MESSAGE_TYPES, text, uuid } from '@recado/contracts';
import { z } from 'zod';
import { direction } from '../chats/schemas.ts';
import { FIELD } from '../texts.ts';

const textMessage = z.strictObject({ chat_id: uuid(), message_type: z.literal('text'), content: text(4096) });

/** One member for each kind this build sends. */
export const sendMessageBody = z.discriminatedUnion('message_type', [textMessage], {
  error: FIELD.messageKinds,
});

export const sentMessage = z
  .object({
    id: uuid(),
    chat_id: uuid(),
    direction,
    message_type: z.enum(MESSAGE_TYPES),
    content: z.string(),
    status: z.enum(MESSAGE_STATUSES),
    created_at: isoTime(),
  })
  .meta({ id: 'SentMessage' });
