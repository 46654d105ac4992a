import {
  type Channel,
  type Conversation,
  type connectorApi,
  type conversationApi,
  type EventData,
  lineOf,
  type Message,
  type messageUpdated,
  type RouteOutput,
  UNCERTAIN,
} from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { failureOf } from '../../../languages/failures.ts';
import { withMediaReason } from '../../../languages/media-failures.ts';
import { contactView } from '../conversations/views.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

/** Why a message failed; undefined for one that did not. */
export const errorView = (error: Message['error']) => failureOf(texts, error);

function detailsView({ raw: _, ...shown }: NonNullable<Message['details']>) {
  return withMediaReason(texts, shown);
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

type Failed = RouteOutput<typeof conversationApi.listUndelivered>['items'][number];
type Dispatch = RouteOutput<typeof connectorApi.getDispatch>;

/** Explained by its code alone. */
const NOT_CONFIRMED = { code: UNCERTAIN, message: '' };

export const undeliveredView = (
  { message, contact, failedAt, state = 'failed', settles = null, retriedBy }: Failed,
  dispatch: Dispatch | undefined,
  channel: Channel | undefined,
): View<typeof schemas.undelivered> => ({
  message: messageView(message),
  instance: { id: message.channelId, name: channel?.name ?? null },
  conversationId: message.conversationId,
  ...contactView(contact),
  failedAt,
  state,
  settles,
  error: errorView(state === 'uncertain' ? NOT_CONFIRMED : message.error) ?? null,
  retriedBy,
  attempts: (dispatch?.attempts ?? []).map(({ number, startedAt, endedAt, result, error }) => ({
    ...{ number, startedAt, endedAt, result },
    error: errorView(error) ?? null,
  })),
});

/** @param delayMs between one message and the next */
export const bulkView = (
  items: readonly { messageId: string }[],
  delayMs: number,
): View<typeof schemas.bulkQueued> => ({
  totalQueued: items.length,
  estimatedTime: Math.ceil((items.length * delayMs) / 1000),
  jobs: items.map(({ messageId }) => `job-${messageId}`),
});
