import type { Message } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const sentMessageView = (message: Message): View<typeof schemas.sentMessage> => ({
  id: message.id,
  chat_id: message.conversationId,
  direction: message.direction,
  message_type: message.type,
  content: message.content,
  status: message.status,
  created_at: message.sentTime,
});
