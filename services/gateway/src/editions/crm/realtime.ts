import type { Dialect } from '../../realtime/types.ts';
import { notificationView } from './account-views.ts';
import { chatMessageView, clientView, personView } from './views.ts';

/** Sockets of crm.md. */
export const realtime: Dialect = {
  async frames(event, lookups) {
    switch (event.name) {
      case 'message.created': {
        const { message, contact } = event.data;
        const users = await lookups.users(event.tenantId, [message.userId]);
        return [
          {
            name: 'chat.message',
            payload: {
              chatId: message.conversationId,
              message: { ...chatMessageView(message, users), chat_id: message.conversationId },
              client: clientView(contact),
            },
          },
        ];
      }
      case 'message.updated': {
        const { conversationId, messageId, status } = event.data;
        return [
          { name: 'chat.updated', payload: { chat: { id: conversationId }, message: { id: messageId, status } } },
        ];
      }
      case 'conversation.created':
      case 'conversation.updated': {
        const { conversation } = event.data;
        const { assignedUserId } = conversation;
        const users = await lookups.users(event.tenantId, [assignedUserId]);
        const chat = {
          id: conversation.id,
          client: clientView(conversation.contact),
          assigned_agent: assignedUserId ? personView(users.get(assignedUserId)) : null,
          status: conversation.status,
          priority: conversation.priority,
          unread_count: conversation.unreadCount,
          created_at: conversation.createdAt,
          last_message_at: conversation.lastMessageAt,
        };
        if (event.name === 'conversation.updated') return [{ name: 'chat.updated', payload: { chat } }];
        return [{ name: 'chat.new', payload: { chat }, to: (session) => session.userId === assignedUserId }];
      }
      case 'notification.created': {
        const { notification } = event.data;
        return [
          {
            name: 'notification',
            payload: notificationView(notification),
            to: ({ userId }) => userId === notification.userId,
          },
        ];
      }
      default:
        return [];
    }
  },
};
