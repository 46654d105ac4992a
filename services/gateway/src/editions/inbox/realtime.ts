import { FIELD_CODES, type Message, uuid } from '@recado/contracts';
import { NotFound, ValidationFailed } from '@recado/service-kit';
import { z } from 'zod';
import { parsePart } from '../../edge/validation.ts';
import { NEEDS, needsPerson } from '../../realtime/needs.ts';
import { sayError } from '../../realtime/sockets/say-error.ts';
import type { Dialect, Frame } from '../../realtime/types.ts';
import { fullName } from './auth/views.ts';
import { conversationView, lastMessageView } from './conversations/views.ts';
import { changeView, errorView, messageStatus, messageWithContactView } from './messages/views.ts';
import { notificationView } from './notifications/views.ts';
import { INVALID_CONVERSATION_ID, texts } from './texts.ts';

const say = sayError(texts);

/**
 * Sockets of inbox.md. Messages reach every agent who may read them; joining a conversation is for
 * typing and presence.
 */
export const realtime: Dialect = {
  async frames(event, lookups) {
    switch (event.name) {
      case 'message.created': {
        const { message, contact } = event.data;
        const payload = { conversationId: message.conversationId, message: messageWithContactView(message, contact) };
        return [
          ...conversationMoved(message, event.overtakenAt),
          { name: 'message:new', payload, needs: NEEDS.messageInChat },
        ];
      }
      case 'message.updated': {
        const { conversationId, messageId, status, error, change } = event.data;
        const reason = error && { error: errorView(error) };
        const payload = {
          conversationId,
          messageId,
          status: messageStatus(status),
          ...reason,
          ...(change && { message: changeView(change) }),
        };
        return [{ name: 'message:status-update', payload, needs: NEEDS.message }];
      }
      case 'conversation.created':
      case 'conversation.updated': {
        const { conversation } = event.data;
        const users = await lookups.users(event.tenantId, [conversation.assignedUserId]);
        const view = conversationView(conversation, event.tenantId, users.get(conversation.assignedUserId ?? ''));
        const isBlocked = (conversation.contact.blockedAt ?? null) !== null;
        const movesBlock = event.name === 'conversation.updated' && event.data.changed.includes('blocked');
        if (event.name === 'conversation.created' || (movesBlock && !isBlocked)) {
          return [{ name: 'conversation:new', payload: { conversation: view }, needs: NEEDS.conversation }];
        }
        const { id, lastMessage, lastMessageAt, tags } = conversation;
        const last = lastMessage && lastMessageView(lastMessage);
        // Without its tags the event tells nothing of them: an empty list would take them away.
        const known = tags ? view : { ...view, tags: undefined };
        const updates = movesBlock ? { ...known, isBlocked } : known;
        const payload = { conversationId: id, updates, lastMessage: last, lastMessageAt };
        return [{ name: 'conversation:updated', payload, needs: NEEDS.conversation }];
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

  typing: ({ conversationId, userId, isTyping }, user) => {
    const payload = { conversationId, userId, userName: user ? fullName(user) : null, isTyping };
    return { name: 'conversation:typing', payload, needs: NEEDS.conversation };
  },

  viewers: ({ conversationId, userIds }, users) => {
    const people = userIds.map((id) => ({ userId: id, userName: users.has(id) ? fullName(users.get(id)!) : null }));
    return { name: 'conversation:viewers', payload: { conversationId, users: people }, needs: NEEDS.conversation };
  },

  clientEvents: {
    'conversation:join': async (client, payload) => {
      const conversationId = idOf(payload);
      if (!(await client.maySee(conversationId)))
        return client.send('error', { ...say(new NotFound('conversation'), 'conversation:join'), conversationId });
      client.join(conversationId);
      client.send('conversation:joined', { conversationId });
    },
    'conversation:leave': (client, payload) => {
      const conversationId = idOf(payload);
      client.leave(conversationId);
      client.send('conversation:left', { conversationId });
    },
    'conversation:typing': async (client, payload) => {
      const { conversationId, isTyping } = parsePart(typingEvent, payload, 'body', texts);
      const isOpen = client.hasJoined(conversationId);
      if (!isOpen && !(await client.maySee(conversationId))) throw new NotFound('conversation', conversationId);
      if (!isOpen) client.join(conversationId);
      client.tellTyping(conversationId, isTyping);
    },
    'messages:mark-read': async (client, payload) => {
      const { messageIds } = parsePart(readEvent, payload, 'body', texts);
      await client.markRead(messageIds);
      client.send('messages:marked-read', { messageIds });
    },
    ping: (client) => client.send('pong', {}),
  },

  errorPayload: (error, event) => ({
    ...say(error, event),
    ...(error instanceof ValidationFailed && isAboutConversation(error) ? { message: INVALID_CONVERSATION_ID } : {}),
  }),
};

const typingEvent = z.object({ conversationId: uuid(), isTyping: z.boolean() });
const readEvent = z.object({ messageIds: z.array(uuid()).min(1).max(100) });

const isAboutConversation = ({ details }: ValidationFailed) =>
  details?.some(({ field }) => field === 'conversationId') ?? false;

/** `conversation:updated` for a new message, unless a later message was shown before it. */
function conversationMoved(message: Message, overtakenAt: string | undefined): Frame[] {
  // A reaction is no message of the list.
  if (message.type === 'reaction') return [];
  const { id, conversationId, content, direction, type, sentTime, details } = message;
  const last = {
    lastMessage: lastMessageView({ id, content, direction, type, time: sentTime }, details),
    lastMessageAt: sentTime,
  };
  const payload = { conversationId, ...(overtakenAt ? { lastMessageAt: overtakenAt } : last) };
  return [{ name: 'conversation:updated', payload, needs: NEEDS.conversation }];
}

function idOf(payload: unknown): string {
  const id = uuid().safeParse(payload);
  if (!id.success) throw new ValidationFailed([{ field: 'conversationId', message: FIELD_CODES.uuid, code: 'uuid' }]);
  return id.data;
}
