import type { Conversation } from '@recado/contracts';
import { NEEDS, needsPerson } from '../../realtime/needs.ts';
import { sayError } from '../../realtime/say-error.ts';
import type { Dialect, Lookups } from '../../realtime/types.ts';
import { changeView, chatMessageView, chatView, clientView, errorView } from './chats/views.ts';
import { notificationView } from './notifications/views.ts';
import { texts } from './texts.ts';

/** Sockets of crm.md. */
export const realtime: Dialect = {
  async frames(event, lookups) {
    const { tenantId } = event;
    switch (event.name) {
      case 'message.created': {
        const { message, contact } = event.data;
        const users = await lookups.users(tenantId, [message.userId]);
        const shown = { ...chatMessageView(message, users), chat_id: message.conversationId };
        const payload = { chatId: message.conversationId, message: shown, client: clientView(contact) };
        return [{ name: 'chat.message', payload, needs: NEEDS.messageInChat }];
      }
      case 'message.updated': {
        const { conversationId, messageId, status, error, change } = event.data;
        const conversation = (await lookups.conversations(tenantId, [conversationId])).get(conversationId);
        const chat = conversation ? await wholeChat(tenantId, conversation, lookups) : { id: conversationId };
        const reason = error && { error: errorView(error) };
        const message = { id: messageId, status, ...reason, ...(change && changeView(change)) };
        const payload = { chat, message };
        return [{ name: 'chat.updated', payload, needs: NEEDS.messageInChat }];
      }
      case 'conversation.created':
      case 'conversation.updated': {
        const { conversation } = event.data;
        const chat = await wholeChat(tenantId, conversation, lookups);
        if (event.name === 'conversation.updated') {
          return [{ name: 'chat.updated', payload: { chat }, needs: NEEDS.conversation }];
        }
        const needs = { ...NEEDS.conversation, person: conversation.assignedUserId };
        return [{ name: 'chat.new', payload: { chat }, needs }];
      }
      case 'notification.created': {
        const { notification } = event.data;
        const payload = notificationView(notification);
        return [{ name: 'notification', payload, needs: needsPerson(notification.userId) }];
      }
      default:
        return [];
    }
  },

  errorPayload: sayError(texts),
};

/** A chat as `GET /chats` shows it. */
async function wholeChat(tenantId: string, conversation: Conversation, lookups: Lookups) {
  const [users, channels] = await Promise.all([
    lookups.users(tenantId, [conversation.assignedUserId]),
    lookups.channels(tenantId, [conversation.channelId]),
  ]);
  return chatView(conversation, { users, channels });
}
