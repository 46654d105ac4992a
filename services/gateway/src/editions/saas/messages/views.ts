import { type Conversation, type EventData, lineOf, type Message, type messageUpdated } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { failureOf } from '../../../languages/failures.ts';
import { contactView } from '../conversations/views.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

/** Why a message failed; undefined for one that did not. */
export const errorView = (error: Message['error']) => failureOf(texts, error);

function detailsView({ raw: _, ...shown }: NonNullable<Message['details']>) {
  return shown;
}

type Change = NonNullable<EventData<typeof messageUpdated>['change']>;
/** A message as its writer left it, without what did not change. */
export const changeView = ({ type, content, details }: Change) => ({
  content: lineOf({ type, content, details }, texts.lines),
  type,
  ...(details && detailsView(details)),
});

export const messageView = (message: Message): View<typeof schemas.message> => ({
  id: message.id,
  content: lineOf(message, texts.lines),
  type: message.type,
  direction: message.direction,
  status: message.status,
  aiContext: message.author === 'ai' ? { generatedByAI: true, model: message.aiModel } : null,
  // The provider's time: the one the list is sorted by.
  createdAt: message.sentTime,
  whatsappMessageId: message.providerMessageId,
  error: errorView(message.error),
  ...(message.details && detailsView(message.details)),
});

export const queuedView = (message: Message, conversation: Conversation): View<typeof schemas.queued> => ({
  message: messageView(message),
  conversation: { id: conversation.id, ...contactView(conversation.contact) },
  job: { id: `job-${message.id}`, status: 'queued' },
});
