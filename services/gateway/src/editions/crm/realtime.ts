import { type Conversation, type conversationUpdated, type EventData, uuid } from '@recado/contracts';
import { NotFound } from '@recado/service-kit';
import { z } from 'zod';
import { parsePart } from '../../edge/validation.ts';
import { NEEDS, needsPerson } from '../../realtime/needs.ts';
import { sayError } from '../../realtime/sockets/say-error.ts';
import type { Client, Dialect, Frame, Lookups } from '../../realtime/types.ts';
import { changeView, chatMessageView, chatView, clientView, errorView } from './chats/views.ts';
import { importView } from './clients/import-views.ts';
import { personView } from './common/views.ts';
import { notificationView } from './notifications/views.ts';
import { reasonView } from './scheduled-messages/views.ts';
import { texts } from './texts.ts';

type Transfer = NonNullable<EventData<typeof conversationUpdated>['transfer']>;

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
      case 'conversation.created': {
        const { conversation } = event.data;
        return [newChat(conversation, await wholeChat(tenantId, conversation, lookups))];
      }
      case 'conversation.updated': {
        const { conversation, changed, transfer } = event.data;
        const isBlocked = (conversation.contact.blockedAt ?? null) !== null;
        const whole = await wholeChat(tenantId, conversation, lookups);
        // Out of all lists, or back in them.
        const chat = changed.includes('blocked') ? { ...whole, is_blocked: isBlocked } : whole;
        const isGiven =
          conversation.assignedUserId !== null &&
          !isBlocked &&
          ['assignedUserId', 'blocked'].some((one) => changed.includes(one));
        const given = isGiven ? [newChat(conversation, chat)] : [];
        const moved = transfer ? [await transferred(tenantId, chat, transfer, lookups)] : [];
        return [...given, ...moved, { name: 'chat.updated', payload: { chat }, needs: NEEDS.conversation }];
      }
      case 'scheduled-message.updated': {
        const { scheduledId, conversationId, sendAt, status, reason, messageId } = event.data;
        const why = reasonView({ reason, error: null });
        const shown = { id: scheduledId, send_at: sendAt, status, reason: why, message_id: messageId };
        const payload = { chatId: conversationId, scheduled_message: shown };
        return [{ name: 'chat.scheduled_message', payload, needs: NEEDS.messageInChat }];
      }
      case 'notification.created': {
        const { notification } = event.data;
        const payload = notificationView(notification);
        return [{ name: 'notification', payload, needs: needsPerson(notification.userId) }];
      }
      case 'sla.warned':
      case 'sla.breached': {
        const { conversationId, target, dueAt } = event.data;
        const status = event.name === 'sla.warned' ? 'warned' : 'breached';
        const payload = { chatId: conversationId, target, status, due_at: dueAt };
        return [{ name: 'chat.sla', payload, needs: NEEDS.conversation }];
      }
      case 'board.card-moved': {
        const { boardId, kind, cardId, stageId, fromStageId, byUserId } = event.data;
        const by = byUserId === null ? null : personView((await lookups.users(tenantId, [byUserId])).get(byUserId));
        const payload = { boardId, cardId, stageId, fromStageId, moved_by: by };
        const needs = kind === 'campaign' ? NEEDS.boardOfChats : NEEDS.boardOfContacts;
        return [{ name: 'board.card_moved', payload, needs }];
      }
      case 'import.progressed':
      case 'import.finished': {
        const one = event.data.import;
        return [{ name: 'client.import', payload: { import: importView(one) }, needs: needsPerson(one.createdBy) }];
      }
      default:
        return [];
    }
  },

  typing: ({ conversationId, userId, isTyping }, user) => {
    const agent = personView(user) ?? { id: userId, first_name: null, last_name: null };
    return { name: 'agent.typing', payload: { chatId: conversationId, agent, isTyping }, needs: NEEDS.conversation };
  },

  viewers: ({ conversationId, userIds }, users) => {
    const agents = userIds.map((id) => personView(users.get(id)) ?? { id, first_name: null, last_name: null });
    return { name: 'chat.viewers', payload: { chatId: conversationId, agents }, needs: NEEDS.conversation };
  },

  clientEvents: {
    'chat.join': async (client, payload) => {
      const { chatId } = parsePart(chatEvent, payload, 'body', texts);
      await enter(client, chatId);
      client.send('chat.joined', { chatId });
    },
    'chat.leave': (client, payload) => {
      const { chatId } = parsePart(chatEvent, payload, 'body', texts);
      client.leave(chatId);
      client.send('chat.left', { chatId });
    },
    'chat.typing': async (client, payload) => {
      const { chatId, isTyping } = parsePart(chatEvent, payload, 'body', texts);
      await enter(client, chatId);
      client.tellTyping(chatId, isTyping ?? true);
    },
    'chat.read': async (client, payload) => {
      const { chatId, messageIds } = parsePart(readEvent, payload, 'body', texts);
      await client.markRead(messageIds, chatId);
    },
  },

  errorPayload: sayError(texts),
};

const chatEvent = z.object({ chatId: uuid(), isTyping: z.boolean().optional() });
const readEvent = z.object({ chatId: uuid(), messageIds: z.array(uuid()).min(1).max(100) });

/** Opens a chat for the client, unless it has it open. @throws NotFound */
async function enter(client: Client, chatId: string): Promise<void> {
  if (client.hasJoined(chatId)) return;
  if (!(await client.maySee(chatId))) throw new NotFound('conversation', chatId);
  client.join(chatId);
}

type Chat = Awaited<ReturnType<typeof wholeChat>>;

/** For the agent who has it now. */
const newChat = ({ assignedUserId }: Conversation, chat: Chat): Frame => ({
  name: 'chat.new',
  payload: { chat },
  needs: { ...NEEDS.conversation, person: assignedUserId },
});

async function transferred(tenantId: string, chat: Chat, transfer: Transfer, lookups: Lookups): Promise<Frame> {
  const { fromUserId, fromCampaignId, byUserId, reason, by: cause } = transfer;
  const users = await lookups.users(tenantId, [fromUserId, byUserId]);
  const from = { agent: personView(users.get(fromUserId ?? '')), campaign_id: fromCampaignId };
  const to = { agent: chat.assigned_agent, campaign: chat.campaign };
  const by = personView(users.get(byUserId ?? ''));
  const payload = { chatId: chat.id, chat, from, to, reason, transferred_by: by, ...(cause && { cause }) };
  return { name: 'chat.transferred', payload, needs: NEEDS.conversation };
}

/** A chat as `GET /chats` shows it. */
async function wholeChat(tenantId: string, conversation: Conversation, lookups: Lookups) {
  const [users, channels, campaigns] = await Promise.all([
    lookups.users(tenantId, [conversation.assignedUserId]),
    lookups.channels(tenantId, [conversation.channelId]),
    lookups.campaigns(tenantId, [conversation.campaignId]),
  ]);
  return chatView(conversation, { users, channels, campaigns });
}
