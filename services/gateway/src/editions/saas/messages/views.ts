import type { Conversation, Message } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { contactView } from '../conversations/views.ts';
import type * as schemas from './schemas.ts';

export const messageView = (message: Message): View<typeof schemas.message> => ({
  id: message.id,
  content: message.content,
  type: message.type,
  direction: message.direction,
  status: message.status,
  aiContext: message.author === 'ai' ? { generatedByAI: true, model: message.aiModel } : null,
  // The provider's time: the one the list is sorted by.
  createdAt: message.sentTime,
});

export const queuedView = (message: Message, conversation: Conversation): View<typeof schemas.queued> => ({
  message: messageView(message),
  conversation: { id: conversation.id, ...contactView(conversation.contact) },
  job: { id: `job-${message.id}`, status: 'queued' },
});
