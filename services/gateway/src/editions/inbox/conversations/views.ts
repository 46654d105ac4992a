import {
  CONVERSATION_STATUSES,
  type Conversation,
  type conversationApi,
  lineOf,
  type Message,
  PRIORITIES,
  type RouteOutput,
  type User,
} from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { fullName } from '../auth/views.ts';
import { digits, upper } from '../common/views.ts';
import { contactView } from '../messages/views.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

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

type Status = (typeof schemas.STATUSES)[number];
type Priority = (typeof schemas.PRIORITIES)[number];

/** What this edition's status stands for. */
export const statusesOf = (shown: Status) => CONVERSATION_STATUSES.filter((status) => STATUS[status] === shown);
/** The status of ours that a person sets with this edition's. */
export const statusOf = (shown: Status) => SET[shown];
const SET = { OPEN: 'queued', IN_PROGRESS: 'active', WAITING: 'pending', CLOSED: 'closed' } as const;

export const priorityOf = (shown: Priority) => PRIORITIES.find((priority) => PRIORITY[priority] === shown)!;

/** @param details of a message that is at hand whole: its line says more than its kind */
export const lastMessageView = (last: NonNullable<Conversation['lastMessage']>, details?: Message['details']) => ({
  id: last.id,
  content: lineOf({ ...last, details }, texts.lines),
  direction: upper(last.direction),
  type: upper(last.type),
  timestamp: last.time,
});

/** Who takes part in a group; nothing for a person. */
export const participantsView = (participants: RouteOutput<typeof conversationApi.getConversation>['participants']) =>
  participants && {
    participants: participants.map(({ name, phone, isAdmin, lastMessageAt }) => ({
      name,
      phone: digits(phone),
      isAdmin,
      lastMessageAt,
    })),
  };

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
  tags: conversation.tags ?? [],
  lastMessageAt: conversation.lastMessageAt,
  closedAt: conversation.closedAt,
  createdAt: conversation.createdAt,
  lastMessage: conversation.lastMessage && lastMessageView(conversation.lastMessage),
  unreadCount: conversation.unreadCount,
});
