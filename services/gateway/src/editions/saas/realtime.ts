import type { Dialect } from '../../realtime/types.ts';
import { contactView, digits, messageView, notificationView } from './views.ts';

/** Sockets of saas.md. */
export const realtime: Dialect = {
  frames(event) {
    switch (event.name) {
      case 'message.created': {
        const { message, contact } = event.data;
        return [
          {
            name: 'message:new',
            payload: {
              instanceId: message.channelId,
              conversationId: message.conversationId,
              message: messageView(message),
              conversation: { id: message.conversationId, ...contactView(contact) },
            },
          },
        ];
      }
      case 'message.updated': {
        const { channelId, conversationId, messageId, status } = event.data;
        return [
          { name: 'message:status-update', payload: { instanceId: channelId, conversationId, messageId, status } },
        ];
      }
      case 'channel.status-changed': {
        const { channelId, name, status, phone, reason } = event.data;
        return [
          {
            name: 'instance:status',
            payload: {
              instanceId: channelId,
              name,
              status,
              connected: status === 'connected',
              phoneNumber: digits(phone),
              reason,
            },
          },
        ];
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
