import { uuid } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';
import type { Dialect } from '../../realtime/types.ts';
import { conversationView, lastMessageView, messageStatus, messageWithContactView, notificationView } from './views.ts';

/** Sockets of inbox.md. Messages reach every agent of the tenant; joining a conversation is for typing and presence. */
export const realtime: Dialect = {
  async frames(event, lookups) {
    switch (event.name) {
      case 'message.created': {
        const { message, contact } = event.data;
        return [
          {
            name: 'message:new',
            payload: { conversationId: message.conversationId, message: messageWithContactView(message, contact) },
          },
        ];
      }
      case 'message.updated': {
        const { conversationId, messageId, status } = event.data;
        return [
          { name: 'message:status-update', payload: { conversationId, messageId, status: messageStatus(status) } },
        ];
      }
      case 'conversation.created':
      case 'conversation.updated': {
        const { conversation } = event.data;
        const users = await lookups.users(event.tenantId, [conversation.assignedUserId]);
        const view = conversationView(conversation, event.tenantId, users.get(conversation.assignedUserId ?? ''));
        if (event.name === 'conversation.created')
          return [{ name: 'conversation:new', payload: { conversation: view } }];
        const { id, lastMessage, lastMessageAt } = conversation;
        return [
          {
            name: 'conversation:updated',
            payload: {
              conversationId: id,
              updates: view,
              lastMessage: lastMessage && lastMessageView(lastMessage),
              lastMessageAt,
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

  clientEvents: {
    'conversation:join': async (client, payload) => {
      const conversationId = idOf(payload);
      if (!(await client.maySee(conversationId)))
        return client.send('error', { message: 'Conversa não encontrada', conversationId });
      client.join(conversationId);
      client.send('conversation:joined', { conversationId });
    },
    'conversation:leave': (client, payload) => {
      const conversationId = idOf(payload);
      client.leave(conversationId);
      client.send('conversation:left', { conversationId });
    },
    ping: (client) => client.send('pong', {}),
  },

  errorPayload: (error) => ({
    message:
      error instanceof ValidationFailed
        ? 'O identificador da conversa é inválido'
        : 'Não foi possível concluir a operação',
  }),
};

function idOf(payload: unknown): string {
  const id = uuid().safeParse(payload);
  if (!id.success) throw new ValidationFailed([{ field: 'conversationId', message: 'Invalid UUID' }]);
  return id.data;
}
