import {
  type CampaignName,
  type Channel,
  type Contact,
  type Conversation,
  type conversationApi,
  type EventData,
  lineOf,
  type Message,
  type messageUpdated,
  type Note,
  namesOf,
  type RouteOutput,
  type User,
} from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { failureOf } from '../../../languages/failures.ts';
import { withMediaReason } from '../../../languages/media-failures.ts';
import { snakeKeys } from '../common/snake-case.ts';
import { personView } from '../common/views.ts';
import { chatSurveyView } from '../surveys/chat-view.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

/** A contact's two names as this edition spells them. */
export function personNames(contact: Parameters<typeof namesOf>[0]): { first_name: string; last_name: string } {
  const { firstName, lastName } = namesOf(contact);
  return { first_name: firstName, last_name: lastName };
}

type Client = Pick<Contact, 'id' | 'name' | 'phone' | 'username' | 'isGroup' | 'marketingStoppedAt'> &
  Parameters<typeof namesOf>[0];

export const clientView = (contact: Client & { avatarUrl?: string | null }) => ({
  id: contact.id,
  ...personNames(contact),
  phone_number: contact.phone,
  avatar_url: contact.avatarUrl ?? null,
  username: contact.username,
  is_group: contact.isGroup,
  marketing_stopped_at: contact.marketingStoppedAt,
});

/** What a chat shows besides its own row, hydrated for a whole page at once. */
export interface ChatNames {
  users: ReadonlyMap<string, User>;
  channels: ReadonlyMap<string, Channel>;
  campaigns: ReadonlyMap<string, CampaignName>;
}

/** Null outside of any. */
const campaignOf = ({ campaignId }: Conversation, { campaigns }: ChatNames): CampaignName | null =>
  campaignId === null ? null : (campaigns.get(campaignId) ?? { id: campaignId, name: '' });

export const numberName = (id: string, { channels }: Pick<ChatNames, 'channels'>) => ({
  id,
  phone_number: channels.get(id)?.phone ?? null,
});

export const chatView = (conversation: Conversation, names: ChatNames): View<typeof schemas.chat> => {
  const { lastMessage, assignedUserId } = conversation;
  return {
    id: conversation.id,
    client: clientView(conversation.contact),
    campaign: campaignOf(conversation, names),
    whatsapp_number: numberName(conversation.channelId, names),
    assigned_agent: assignedUserId ? personView(names.users.get(assignedUserId)) : null,
    status: conversation.status,
    priority: conversation.priority,
    message_count: conversation.messageCount,
    last_message: lastMessage && {
      id: lastMessage.id,
      content: lineOf(lastMessage, texts.lines),
      direction: lastMessage.direction,
      created_at: lastMessage.time,
    },
    unread_count: conversation.unreadCount,
    created_at: conversation.createdAt,
    last_message_at: conversation.lastMessageAt,
    ...slaOf(conversation),
    ...awayView(conversation),
  };
};

/** Nothing where the campaign has no targets: examples of the document have none. */
const awayView = ({ snoozedUntil, archived }: Conversation) => ({
  snoozed_until: snoozedUntil ?? null,
  is_archived: archived,
});

function slaOf({ sla, awaitedSince }: Conversation) {
  const clocks = sla?.map(({ target, dueAt, warnedAt, breachedAt, endedAt, stands }) => ({
    target,
    due_at: dueAt,
    warned_at: warnedAt,
    breached_at: breachedAt,
    ended_at: endedAt,
    is_paused: stands,
  }));
  return clocks ? { sla: clocks, awaited_since: awaitedSince ?? null } : {};
}

export const noteView = (note: Note, users: ChatNames['users']): View<typeof schemas.chatNote> => ({
  id: note.id,
  user: note.userId === null ? null : personView(users.get(note.userId)),
  content: note.content,
  // One who is gone is named no more.
  mentions: note.mentions.flatMap((id) => personView(users.get(id)) ?? []),
  created_at: note.createdAt,
});

/** The users whom notes name. */
export const peopleOfNotes = (notes: readonly Note[]): (string | null)[] =>
  notes.flatMap(({ userId, mentions }) => [userId, ...mentions]);

const tagNames = (tags: Conversation['tags']): string[] => (tags ?? []).map(({ name }) => name);

export const movedView = (chat: Conversation, users: ChatNames['users']): View<typeof schemas.movedChat> => ({
  id: chat.id,
  status: chat.status,
  priority: chat.priority,
  assigned_agent: chat.assignedUserId ? personView(users.get(chat.assignedUserId)) : null,
  assigned_at: chat.assignedAt,
  closed_at: chat.closedAt,
  close_reason: chat.closing?.reason ?? null,
  outcome: chat.closing?.outcome ?? null,
  outcome_value: chat.closing?.value ?? null,
  tags: tagNames(chat.tags),
  ...awayView(chat),
});

export const chatDetailView = (
  { participants, survey, ...conversation }: RouteOutput<typeof conversationApi.getConversation>,
  names: ChatNames,
  notes: readonly Note[],
): View<typeof schemas.chatDetail> => {
  const { contact, assignedUserId, createdAt, assignedAt, firstResponseAt, lastMessageAt, closedAt } = conversation;
  const agent = assignedUserId ? names.users.get(assignedUserId) : undefined;
  const person = personView(agent);
  return {
    id: conversation.id,
    client: {
      ...clientView(contact),
      email: contact.email,
      lead_status: contact.leadStatus ?? 'new',
      tags: contact.tags ?? [],
      notes: contact.notes ?? null,
      custom_fields: contact.customFields ?? {},
    },
    campaign: campaignOf(conversation, names),
    whatsapp_number: numberName(conversation.channelId, names),
    assigned_agent: person && agent ? { ...person, agent_status: agent.agentStatus } : null,
    status: conversation.status,
    priority: conversation.priority,
    tags: tagNames(conversation.tags),
    notes: notes.map((note) => noteView(note, names.users)),
    bot_context: null,
    metrics: {
      wait_time_seconds: secondsBetween(createdAt, assignedAt ?? firstResponseAt),
      first_response_time_seconds: secondsBetween(createdAt, firstResponseAt),
      handling_time_seconds: secondsBetween(createdAt, closedAt ?? lastMessageAt),
      ...metricsView(conversation),
    },
    created_at: createdAt,
    assigned_at: assignedAt,
    first_response_at: firstResponseAt,
    last_message_at: lastMessageAt,
    ...awayView(conversation),
    ...slaOf(conversation),
    ...(participants && {
      participants: participants.map((one) => ({
        name: one.name,
        phone_number: one.phone,
        is_admin: one.isAdmin,
        last_message_at: one.lastMessageAt,
      })),
    }),
    ...(survey && { survey: chatSurveyView(survey) }),
  };
};

/** A conversation service of the version before counts none. */
const metricsView = ({ metrics, messageCount }: Conversation) =>
  metrics && {
    inbound_count: metrics.inboundCount,
    outbound_count: Math.max(0, messageCount - metrics.inboundCount),
    reopen_count: metrics.reopenCount,
    answer_count: metrics.answerCount,
    average_answer_seconds: metrics.answerCount === 0 ? null : Math.round(metrics.answerSeconds / metrics.answerCount),
  };

/**
 * Whole seconds, never below 0: a provider's clock may be behind ours. Null while the end hasn't
 * come.
 */
function secondsBetween(from: string, to: string | null): number | null {
  return to === null ? null : Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
}

/** A form has its own keys, and so has a template. */
const FREE_KEYS: ReadonlySet<string> = new Set(['answers', 'params', 'components']);

/** Why a message failed; undefined for one that did not. */
export const errorView = (error: Message['error']) => failureOf(texts, error);

export function detailsView({ raw: _, ...shown }: NonNullable<Message['details']>) {
  return snakeKeys(withMediaReason(texts, shown), FREE_KEYS);
}

type Change = NonNullable<EventData<typeof messageUpdated>['change']>;
/** A message as its writer left it, without what did not change. */
export const changeView = ({ type, content, details }: Change) => ({
  message_type: type,
  content: lineOf({ type, content, details }, texts.lines),
  ...(details && detailsView(details)),
});

export const chatMessageView = (
  message: Message,
  users: ReadonlyMap<string, User>,
): View<typeof schemas.chatMessage> => ({
  id: message.id,
  direction: message.direction,
  message_type: message.type,
  content: lineOf(message, texts.lines),
  status: message.status,
  user: message.userId ? personView(users.get(message.userId)) : null,
  is_bot_message: message.author === 'ai',
  // The provider's time: the one the list is sorted by.
  created_at: message.sentTime,
  sent_at: message.sentAt,
  delivered_at: message.deliveredAt,
  read_at: message.readAt,
  whatsapp_message_id: message.providerMessageId,
  error: errorView(message.error),
  ...(message.details && detailsView(message.details)),
});
