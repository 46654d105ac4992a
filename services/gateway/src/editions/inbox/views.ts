import type { Contact, Conversation, Message, Notification, Session, Tenant, User } from '@recado/contracts';
import type { z } from 'zod';
import { portuguese } from '../../languages/pt.ts';
import type * as schemas from './schemas.ts';

type View<S extends z.ZodType> = z.input<S>;
type Upper<S extends string> = Uppercase<S>;

const upper = <S extends string>(word: S): Upper<S> => word.toUpperCase() as Upper<S>;

/** E.164 without its plus: how this edition shows phones. */
export const digits = (phone: string | null): string | null => phone?.replace(/^\+/, '') ?? null;

export const fullName = ({ firstName, lastName }: Pick<User, 'firstName' | 'lastName'>): string =>
  `${firstName} ${lastName}`.trim();

export const meView = (user: User, tenant: Tenant): View<typeof schemas.me> => ({
  user: { id: user.id, email: user.email, name: fullName(user), role: upper(user.role), tenantId: tenant.id },
  tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name },
});

export const sessionView = ({ user, tenant, accessToken }: Session): View<typeof schemas.session> => ({
  ...meView(user, tenant),
  token: accessToken,
});

export const notificationView = (notification: Notification): View<typeof schemas.notification> => {
  const { id, kind, type, params, relatedEntityType, relatedEntityId, isRead, createdAt } = notification;
  return {
    id,
    type: upper(type),
    kind,
    ...portuguese.notifications[kind](params),
    isRead,
    relatedEntityType,
    relatedEntityId,
    createdAt,
  };
};

const STATUS = {
  new: 'OPEN',
  bot: 'OPEN',
  queued: 'OPEN',
  assigned: 'IN_PROGRESS',
  active: 'IN_PROGRESS',
  pending: 'WAITING',
  closed: 'CLOSED',
} as const satisfies Record<Conversation['status'], string>;

const PRIORITY = { low: 'LOW', normal: 'MEDIUM', high: 'HIGH', urgent: 'URGENT' } as const;

export const conversationStatus = (status: Conversation['status']) => STATUS[status];
export const priorityView = (priority: Conversation['priority']) => PRIORITY[priority];

/** This edition has no pending: it shows SENT. */
export const messageStatus = (status: Message['status']) => (status === 'pending' ? 'SENT' : upper(status));

export const contactView = ({ id, phone, name }: Pick<Contact, 'id' | 'phone' | 'name'>) => ({
  id,
  phoneNumber: digits(phone),
  name,
});

export const messageView = (message: Message): View<typeof schemas.message> => ({
  id: message.id,
  whatsappMessageId: message.providerMessageId,
  direction: upper(message.direction),
  type: upper(message.type),
  content: message.content,
  metadata: message.metadata,
  status: messageStatus(message.status),
  sentById: message.userId,
  timestamp: message.sentTime,
  createdAt: message.createdAt,
});

/** `message:new` shows the message with the customer's name. */
export const messageWithContactView = (message: Message, contact: Pick<Contact, 'id' | 'phone' | 'name'>) => ({
  ...messageView(message),
  contact: contactView(contact),
});

export const lastMessageView = (last: NonNullable<Conversation['lastMessage']>) => ({
  id: last.id,
  content: last.content,
  direction: upper(last.direction),
  type: upper(last.type),
  timestamp: last.time,
});

/** `assignee`: the agent's record when one is assigned and known. */
export const conversationView = (
  conversation: Conversation,
  tenantId: string,
  assignee: User | undefined,
): View<typeof schemas.conversation> => ({
  id: conversation.id,
  tenantId,
  contactId: conversation.contact.id,
  contact: {
    ...contactView(conversation.contact),
    email: conversation.contact.email,
    profilePictureUrl: conversation.contact.avatarUrl,
    createdAt: conversation.contact.createdAt,
  },
  status: conversationStatus(conversation.status),
  priority: priorityView(conversation.priority),
  assignedToId: conversation.assignedUserId,
  assignedTo:
    conversation.assignedUserId && assignee
      ? { id: assignee.id, name: fullName(assignee), email: assignee.email }
      : null,
  tags: [],
  lastMessageAt: conversation.lastMessageAt,
  closedAt: conversation.closedAt,
  createdAt: conversation.createdAt,
  lastMessage: conversation.lastMessage && lastMessageView(conversation.lastMessage),
  unreadCount: conversation.unreadCount,
});
