import {
  type Contact,
  type conversationApi,
  type EventData,
  lineOf,
  type Message,
  type messageUpdated,
  type RouteOutput,
} from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { failureOf } from '../../../languages/failures.ts';
import { withMediaReason } from '../../../languages/media-failures.ts';
import { digits, upper } from '../common/views.ts';
import { templateText, texts } from '../texts.ts';
import type * as schemas from './schemas.ts';
import { sentMetadata } from './sent-metadata.ts';

/** This edition has no pending: it shows SENT. */
export const messageStatus = (status: Message['status']) => (status === 'pending' ? 'SENT' : upper(status));

type Writer = Pick<Contact, 'id' | 'phone' | 'name' | 'username' | 'isGroup'>;

export const contactView = ({ id, phone, name, username, isGroup }: Writer) => ({
  id,
  phoneNumber: digits(phone),
  name,
  username,
  isGroup,
});

/** Why a message failed; undefined for one that did not. */
export const errorView = (error: Message['error']) => failureOf(texts, error);

function detailsView({ raw: _, ...shown }: NonNullable<Message['details']>) {
  return withMediaReason(texts, shown);
}

type Change = NonNullable<EventData<typeof messageUpdated>['change']>;
/** A message as its writer left it, without what did not change. */
export const changeView = ({ type, content, details }: Change) => ({
  content: lineOf({ type, content, details }, texts.lines),
  type: upper(type),
  ...(details && detailsView(details)),
});

/** A template of ours without words is named, as the document shows. */
function lineShown(message: Message): string {
  const { template } = message.details ?? {};
  return template && message.content === '' ? templateText(template.name) : lineOf(message, texts.lines);
}

export const messageView = (message: Message): View<typeof schemas.message> => ({
  id: message.id,
  whatsappMessageId: message.providerMessageId,
  direction: upper(message.direction),
  type: upper(message.type),
  content: lineShown(message),
  metadata: sentMetadata(message),
  status: messageStatus(message.status),
  sentById: message.userId,
  timestamp: message.sentTime,
  createdAt: message.createdAt,
  error: errorView(message.error),
  ...(message.details && detailsView(message.details)),
});

/** A page of a thread, in order of time. Its cursor is the message at its far end. */
export function threadView(
  { items, hasMore }: { items: Message[]; hasMore: boolean },
  { after }: { after?: string | undefined },
): View<typeof schemas.thread> {
  const data = after ? items : items.toReversed();
  const end = after ? data.at(-1) : data[0];
  return { data: data.map(messageView), hasMore, nextCursor: hasMore && end ? end.id : null };
}

/** `message:new` shows the message with the customer's name. */
export const messageWithContactView = (message: Message, contact: Pick<Contact, 'id' | 'phone' | 'name'>) => ({
  ...messageView(message),
  contact: contactView(contact),
});

/** What is still on its way counts as sent, as it is shown. */
export function statsView(
  items: RouteOutput<typeof conversationApi.countMessages>['items'],
): View<typeof schemas.messageStats> {
  const stats = {
    total: 0,
    byDirection: { INBOUND: 0, OUTBOUND: 0 },
    byStatus: { SENT: 0, DELIVERED: 0, READ: 0, FAILED: 0 },
  };
  for (const { direction, status, count } of items) {
    stats.total += count;
    stats.byDirection[upper(direction)] += count;
    stats.byStatus[messageStatus(status)] += count;
  }
  return stats;
}

export const foundMessagesView = ({
  items,
  nextCursor,
  isComplete,
}: RouteOutput<typeof conversationApi.searchMessages>): View<typeof schemas.foundMessages> => ({
  data: items.map(({ message, conversation, snippet }) => ({
    ...messageView(message),
    conversationId: message.conversationId,
    conversation: { id: conversation.id, contact: contactView(conversation.contact) },
    snippet,
  })),
  count: items.length,
  nextCursor,
  isComplete,
});
