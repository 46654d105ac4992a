import {
  type AboutMessage,
  type BuiltEvent,
  buildEvent,
  conversationUpdated,
  messageBulkRequested,
  messageCreated,
  messageRequested,
  type OutboundContent,
  type RecipientAddress,
  type StoredFile,
  uuidv7,
} from '@recado/contracts';
import type { ContactRow } from '../../contacts/store.ts';
import { addressOf, phoneShown } from '../../conversations/address.ts';
import { awaited } from '../../conversations/awaited.ts';
import { firstResponseAfter, statusAfterOutbound } from '../../conversations/rules.ts';
import type { ConversationRow, OutboundChange } from '../../conversations/store.ts';
import { conversationView } from '../../conversations/views.ts';
import { isPlainText, partsOf, wordsOf } from '../content.ts';
import type { NewMessage } from '../store.ts';
import { newMessageView } from '../views.ts';
import type { Checked } from './consent.ts';

/** Who writes on our side. */
export type OutboundAuthor =
  | { author: 'user'; userId: string }
  | { author: 'system' }
  | { author: 'ai'; model: string; replyToInboundId: string };

/**
 * An outbound message as it is first stored.
 * @param about the message it quotes or reacts to
 * @param file the stored one that it shows
 */
export function newOutbound(
  c: { tenantId: string; id: string; channelId: string },
  content: OutboundContent,
  by: OutboundAuthor,
  now: Date,
  id: string = uuidv7(),
  about: AboutMessage | null = null,
  file: StoredFile | null = null,
): NewMessage {
  return {
    tenantId: c.tenantId,
    id,
    conversationId: c.id,
    channelId: c.channelId,
    direction: 'outbound',
    ...partsOf(content, about, file),
    metadata: null,
    status: 'pending',
    providerMessageId: null,
    author: by.author,
    userId: by.author === 'user' ? by.userId : null,
    aiModel: by.author === 'ai' ? by.model : null,
    replyToInboundId: by.author === 'ai' ? by.replyToInboundId : null,
    replyToProviderMessageId: about?.providerMessageId ?? null,
    sentTime: now.toISOString(),
    createdAt: now,
  };
}

/** A message whose template shows its text, filled in. */
export const worded = <M extends Pick<NewMessage, 'content'>>(message: M, { words }: Pick<Checked, 'words'>): M =>
  words === undefined ? message : { ...message, content: words };

/** What accepting messages changes on their conversation. The last of them is the newest. */
export function outboundChange(c: ConversationRow, messages: readonly NewMessage[], now: Date): OutboundChange {
  const last = messages.at(-1)!;
  const author = last.author as OutboundAuthor['author'];
  return {
    tenantId: c.tenantId,
    id: c.id,
    status: statusAfterOutbound(c, author),
    firstResponseAt: firstResponseAfter(c, author, now),
    read: author === 'user',
    count: messages.length,
    lastMessage: last,
  };
}

/** The fields in `conversation.updated` after an outbound message. */
export function changedFields(before: ConversationRow, after: ConversationRow): string[] {
  const changed: string[] = [];
  if (before.status !== after.status) changed.push('status');
  if (before.firstResponseAt?.getTime() !== after.firstResponseAt?.getTime()) changed.push('firstResponseAt');
  if (before.unreadCount > 0 && after.unreadCount === 0) changed.push('unreadCount');
  return changed;
}

/** What goes out as a message, and the message it quotes or reacts to. */
export interface Outgoing {
  content: OutboundContent;
  about: AboutMessage | null;
  /** One of many: replies go before it. */
  bulk?: boolean;
  notBefore?: Date;
  /** With a template: when the customer last wrote to the channel. */
  heardAt?: Date | undefined;
}

export interface OutboundStory {
  conversation: ConversationRow;
  contact: ContactRow;
  /** Where the messages go, when it is not the conversation's own address. */
  to?: RecipientAddress;
  messages: readonly NewMessage[];
  /** Of the messages that are more than a text. */
  contents?: ReadonlyMap<string, Outgoing>;
  /** The first message opened the conversation. */
  isNew: boolean;
  changed: readonly string[];
  traceparent: string | undefined;
}

/** The events of accepted messages: the order to send each, the news of it, and what it changed. */
export function outboundEvents({
  conversation,
  contact,
  to = addressOf(conversation, contact),
  messages,
  contents,
  isNew,
  changed,
  traceparent,
}: OutboundStory): BuiltEvent[] {
  const { tenantId, channelId, status, assignedUserId } = conversation;
  const events: BuiltEvent[] = [];
  messages.forEach((message, i) => {
    const outgoing = contents?.get(message.id);
    const requested = {
      messageId: message.id,
      conversationId: conversation.id,
      channelId,
      to,
      ...requestedParts(message, outgoing),
      requestedAt: message.sentTime,
    };
    const created = {
      message: newMessageView(message),
      conversation: { id: conversation.id, channelId, status, assignedUserId, isNew: isNew && i === 0 },
      contact: { id: contact.id, name: contact.name, phone: phoneShown(contact.phone, to) },
    };
    const common = { tenantId, subject: message.id, traceparent };
    events.push(buildEvent(outgoing?.bulk ? messageBulkRequested : messageRequested, { ...common, data: requested }));
    events.push(buildEvent(messageCreated, { ...common, data: created }));
  });
  if (changed.length > 0) {
    const data = { conversation: conversationView(conversation, contact), changed: [...changed] };
    events.push(buildEvent(conversationUpdated, { tenantId, subject: conversation.id, traceparent, data }));
  }
  // The user may take the chat, which routing decides.
  if (messages.some(({ author }) => author === 'user')) events.push(...awaited(conversation, traceparent));
  return events;
}

function requestedParts(message: NewMessage, outgoing: Outgoing | undefined) {
  if (!outgoing) return { type: 'text' as const, text: message.content };
  const { content, about, bulk, notBefore, heardAt } = outgoing;
  return {
    type: content.kind,
    text: wordsOf(content),
    ...(!isPlainText(content) && { content }),
    ...(about && { about }),
    ...(bulk && { bulk }),
    ...(notBefore && { notBefore: notBefore.toISOString() }),
    ...(content.kind === 'template' && { lastInboundAt: heardAt?.toISOString() ?? null }),
  };
}
