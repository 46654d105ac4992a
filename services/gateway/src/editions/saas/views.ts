import type {
  AiConfig,
  Channel,
  Contact,
  Conversation,
  Message,
  Notification,
  RealtimeMetrics,
  Session,
  Tenant,
  User,
} from '@recado/contracts';
import type { z } from 'zod';
import { spanish } from '../../languages/es.ts';
import type * as schemas from './schemas.ts';

type View<S extends z.ZodType> = z.input<S>;

/** E.164 without its plus: how this edition shows phones. */
export const digits = (phone: string | null): string | null => phone?.replace(/^\+/, '') ?? null;

export const tokensView = ({ accessToken, refreshToken, expiresIn }: Session): View<typeof schemas.tokens> => ({
  accessToken,
  // This edition's sessions always have one.
  refreshToken: refreshToken ?? '',
  expiresIn,
});

export const fullName = ({ firstName, lastName }: Pick<User, 'firstName' | 'lastName'>): string =>
  `${firstName} ${lastName}`.trim();

export const profileView = (user: User, tenant: Tenant): View<typeof schemas.profile> => ({
  id: user.id,
  email: user.email,
  name: fullName(user),
  role: user.role,
  tenantId: tenant.id,
  tenant: { id: tenant.id, name: tenant.name, plan: tenant.plan, status: tenant.status },
});

export const tenantView = ({
  id,
  name,
  plan,
  status,
  timezone,
  country,
  language,
  settings,
  limits,
}: Tenant): View<typeof schemas.tenant> => ({
  id,
  name,
  plan,
  status,
  // The time zone, country and language that count stand beside what the tenant put there itself.
  settings: { ...settings, timezone, country, language },
  limits: {
    maxUsers: limits.maxUsers,
    maxInstances: limits.maxChannels,
    maxMessages: limits.maxMessages,
    maxConversations: limits.maxConversations,
  },
});

/** `limit` null: unlimited, and nothing of it is used up. */
const usedOf = (current: number, limit: number | null) => ({
  current,
  limit,
  percentage: limit === null ? 0 : limit === 0 ? 100 : Math.round((current / limit) * 100),
});

export const usageView = (
  { id, name, plan, limits }: Tenant,
  counts: { users: number; instances: number; messages: number; conversations: number },
  period: { start: string; end: string },
): View<typeof schemas.usage> => ({
  tenant: { id, name, plan },
  usage: {
    users: usedOf(counts.users, limits.maxUsers),
    instances: usedOf(counts.instances, limits.maxChannels),
    messages: usedOf(counts.messages, limits.maxMessages),
    conversations: usedOf(counts.conversations, limits.maxConversations),
  },
  period,
});

export const tenantUserView = (user: User): View<typeof schemas.tenantUser> => ({
  id: user.id,
  email: user.email,
  name: fullName(user),
  role: user.role,
  isActive: user.status === 'active',
  lastLoginAt: user.lastLoginAt,
});

export const instanceView = (channel: Channel): View<typeof schemas.instance> => ({
  id: channel.id,
  name: channel.name,
  instanceKey: channel.key,
  status: channel.status,
  statusReason: channel.lastError,
  phoneNumber: digits(channel.phone),
  lastConnectionAt: channel.lastConnectedAt,
  settings: channel.settings,
});

/** `archived` is a flag inside; everything not closed is `active`. */
export const conversationStatus = ({ archived, status }: Pick<Conversation, 'archived' | 'status'>) =>
  archived ? 'archived' : status === 'closed' ? 'closed' : 'active';

export const conversationView = (conversation: Conversation): View<typeof schemas.conversation> => ({
  id: conversation.id,
  ...contactView(conversation.contact),
  status: conversationStatus(conversation),
  unreadCount: conversation.unreadCount,
  lastMessageAt: conversation.lastMessageAt,
});

export const contactView = ({ phone, name }: Pick<Contact, 'phone' | 'name'>) => ({
  contactNumber: digits(phone),
  contactName: name,
});

export const messageView = (message: Message): View<typeof schemas.message> => ({
  id: message.id,
  content: message.content,
  type: message.type,
  direction: message.direction,
  status: message.status,
  aiContext: message.author === 'ai' ? { generatedByAI: true, model: message.aiModel } : null,
  // The provider's time: the one the list is sorted by.
  createdAt: message.sentTime,
});

export const queuedView = (message: Message, conversation: Conversation): View<typeof schemas.queued> => ({
  message: messageView(message),
  conversation: { id: conversation.id, ...contactView(conversation.contact) },
  job: { id: `job-${message.id}`, status: 'queued' },
});

/** saas.md shows the configuration bare, in the words it has inside. */
export const aiConfigView = (config: AiConfig): AiConfig => config;

export const realtimeView = (metrics: RealtimeMetrics): View<typeof schemas.realtimeMetrics> => ({
  messagessentToday: metrics.messagesSentToday,
  messagesSentToday: metrics.messagesSentToday,
  messagesReceivedToday: metrics.messagesReceivedToday,
  failedMessagesToday: metrics.failedMessagesToday,
  aiMessagesToday: metrics.aiMessagesToday,
  conversationsOpenedToday: metrics.conversationsOpenedToday,
  activeConversations: metrics.activeConversations,
  messagesLastHour: metrics.messagesLastHour,
  date: metrics.day,
  timezone: metrics.timezone,
  lastUpdated: metrics.updatedAt,
});

/** Of sockets alone: this edition's document has no list of them. */
export const notificationView = (notification: Notification) => {
  const { id, kind, type, params, relatedEntityType, relatedEntityId, isRead, createdAt } = notification;
  return {
    id,
    type,
    kind,
    ...spanish.notifications[kind](params),
    relatedEntityType,
    relatedEntityId,
    isRead,
    createdAt,
  };
};
