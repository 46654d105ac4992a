import { type Channel, type Conversation, lineOf, type Message } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { failureOf } from '../../../languages/failures.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

const statusView = ({ status, archived }: Conversation) =>
  archived ? 'archived' : status === 'closed' ? 'closed' : 'active';

export const conversationView = (
  conversation: Conversation,
  channels: ReadonlyMap<string, Channel>,
): View<typeof schemas.conversation> => {
  const { id, channelId, contact, lastMessage } = conversation;
  const channel = channels.get(channelId);
  return {
    id,
    instanceId: channelId,
    contactId: contact.id,
    contactName: contact.name,
    contactPhone: contact.phone,
    isGroup: contact.isGroup,
    status: statusView(conversation),
    lastMessage: lastMessage && lineOf(lastMessage, texts.lines),
    lastMessageAt: conversation.lastMessageAt,
    unreadCount: conversation.unreadCount,
    createdAt: conversation.createdAt,
    updatedAt: conversation.updatedAt,
    instance: channel ? { name: channel.name, phoneNumber: channel.phone } : null,
  };
};

/** What is not a person's word is the bot's. */
const SENDER = { contact: 'user', user: 'user', ai: 'bot', system: 'bot' } as const;

function detailsView({ raw: _, ...shown }: NonNullable<Message['details']>) {
  return shown;
}

export const messageView = (message: Message): View<typeof schemas.message> => ({
  id: message.id,
  conversationId: message.conversationId,
  sender: SENDER[message.author],
  direction: message.direction,
  userId: message.userId,
  content: lineOf(message, texts.lines),
  messageType: message.type,
  status: message.status,
  metadata: { timestamp: message.sentTime, whatsappMessageId: message.providerMessageId },
  error: failureOf(texts, message.error),
  createdAt: message.createdAt,
  ...(message.details && detailsView(message.details)),
});
