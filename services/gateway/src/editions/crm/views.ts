import type { Channel, Contact, Conversation, Message, User } from '@recado/contracts';
import type { z } from 'zod';
import type * as chats from './schemas/chats.ts';
import type * as common from './schemas/common.ts';
import type * as numbers from './schemas/numbers.ts';

type View<S extends z.ZodType> = z.input<S>;

/** An agent's name beside a chat or a message; null when nobody is assigned or the user is gone. */
export const personView = (user: User | undefined): View<typeof common.person> | null =>
  user ? { id: user.id, first_name: user.firstName, last_name: user.lastName } : null;

const NUMBER_STATUS: Record<Channel['status'], (typeof numbers.NUMBER_STATUSES)[number]> = {
  connected: 'active',
  connecting: 'pending',
  qr: 'pending',
  disconnected: 'inactive',
  error: 'error',
};

export const numberStatus = (channel: Pick<Channel, 'status'>) => NUMBER_STATUS[channel.status];

export const createdNumberView = (channel: Channel, publicUrl: string): View<typeof numbers.createdNumber> => ({
  id: channel.id,
  phone_number: channel.phone,
  provider: channel.provider,
  status: numberStatus(channel),
  status_reason: channel.lastError,
  webhook_url: `${publicUrl}/v1/webhooks/whatsapp/meta/${channel.id}`,
  created_at: channel.createdAt,
});

export const numberView = (channel: Channel): View<typeof numbers.number> => ({
  id: channel.id,
  phone_number: channel.phone,
  display_name: channel.name,
  provider: channel.provider,
  status: numberStatus(channel),
  connection_status: channel.status,
  status_reason: channel.lastError,
  last_connected_at: channel.lastConnectedAt,
  daily_message_limit: channel.dailyMessageLimit,
  total_messages_sent: channel.sentTotal,
  total_messages_received: channel.receivedTotal,
  campaigns: null,
  created_at: channel.createdAt,
});

/** One name as this edition's two: cut at the first space. */
export function splitName(name: string | null): { first_name: string; last_name: string } {
  const [first = '', ...rest] = (name ?? '').trim().split(/\s+/);
  return { first_name: first, last_name: rest.join(' ') };
}

export const clientView = (contact: Pick<Contact, 'id' | 'name' | 'phone'> & { avatarUrl?: string | null }) => ({
  id: contact.id,
  ...splitName(contact.name),
  phone_number: contact.phone,
  avatar_url: contact.avatarUrl ?? null,
});

/** What a chat shows besides its own row, hydrated for a whole page at once. */
export interface ChatNames {
  users: ReadonlyMap<string, User>;
  channels: ReadonlyMap<string, Channel>;
}

const numberName = (id: string, { channels }: ChatNames) => ({ id, phone_number: channels.get(id)?.phone ?? null });

export const chatView = (conversation: Conversation, names: ChatNames): View<typeof chats.chat> => {
  const { lastMessage, assignedUserId } = conversation;
  return {
    id: conversation.id,
    client: clientView(conversation.contact),
    campaign: null,
    whatsapp_number: numberName(conversation.channelId, names),
    assigned_agent: assignedUserId ? personView(names.users.get(assignedUserId)) : null,
    status: conversation.status,
    priority: conversation.priority,
    message_count: conversation.messageCount,
    last_message: lastMessage && {
      id: lastMessage.id,
      content: lastMessage.content,
      direction: lastMessage.direction,
      created_at: lastMessage.time,
    },
    unread_count: conversation.unreadCount,
    created_at: conversation.createdAt,
    last_message_at: conversation.lastMessageAt,
  };
};

export const chatDetailView = (conversation: Conversation, names: ChatNames): View<typeof chats.chatDetail> => {
  const { contact, assignedUserId, createdAt, assignedAt, firstResponseAt, lastMessageAt, closedAt } = conversation;
  const agent = assignedUserId ? names.users.get(assignedUserId) : undefined;
  const person = personView(agent);
  return {
    id: conversation.id,
    client: {
      ...clientView(contact),
      email: contact.email,
      lead_status: null,
      tags: null,
      notes: null,
      custom_fields: null,
    },
    campaign: null,
    whatsapp_number: numberName(conversation.channelId, names),
    assigned_agent: person && agent ? { ...person, agent_status: agent.agentStatus } : null,
    status: conversation.status,
    priority: conversation.priority,
    tags: null,
    notes: null,
    bot_context: null,
    metrics: {
      wait_time_seconds: secondsBetween(createdAt, assignedAt ?? firstResponseAt),
      first_response_time_seconds: secondsBetween(createdAt, firstResponseAt),
      handling_time_seconds: secondsBetween(createdAt, closedAt ?? lastMessageAt),
    },
    created_at: createdAt,
    assigned_at: assignedAt,
    first_response_at: firstResponseAt,
    last_message_at: lastMessageAt,
  };
};

/** Whole seconds, never below 0: a provider's clock may be behind ours. Null while the end hasn't come. */
function secondsBetween(from: string, to: string | null): number | null {
  return to === null ? null : Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
}

export const chatMessageView = (
  message: Message,
  users: ReadonlyMap<string, User>,
): View<typeof chats.chatMessage> => ({
  id: message.id,
  direction: message.direction,
  message_type: message.type,
  content: message.content,
  status: message.status,
  user: message.userId ? personView(users.get(message.userId)) : null,
  is_bot_message: message.author === 'ai',
  // The provider's time: the one the list is sorted by.
  created_at: message.sentTime,
  sent_at: message.sentAt,
  delivered_at: message.deliveredAt,
  read_at: message.readAt,
});

export const sentMessageView = (message: Message): View<typeof chats.sentMessage> => ({
  id: message.id,
  chat_id: message.conversationId,
  direction: message.direction,
  message_type: message.type,
  content: message.content,
  status: message.status,
  created_at: message.sentTime,
});

interface ListAnswer {
  items: readonly unknown[];
  total: number | null;
  nextCursor: string | null;
}

/** A service of the version before gives no cursor. */
export const pageMeta = (
  { page, limit }: { page: number; limit: number },
  { items, total, nextCursor }: ListAnswer,
) => ({
  current_page: page,
  per_page: limit,
  total: total ?? items.length,
  total_pages: Math.ceil((total ?? items.length) / limit),
  next_cursor: nextCursor ?? null,
});
