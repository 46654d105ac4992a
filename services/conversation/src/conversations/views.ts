import type { Contact, Conversation, Tag } from '@recado/contracts';
import type { ContactRow } from '../contacts/store.ts';
import type { Clocks } from '../sla/rules.ts';
import { slaView } from '../sla/views.ts';
import { phoneShown } from './address.ts';
import type { ConversationRow, ConversationWithContact } from './store.ts';

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

export function contactView(c: Omit<ContactRow, 'tenantId'>): Contact {
  return {
    id: c.id,
    name: c.name,
    firstName: c.firstName,
    lastName: c.lastName,
    phone: c.phone,
    email: c.email,
    avatarUrl: c.avatarUrl,
    username: c.username,
    isGroup: c.groupAddress !== null,
    marketingStoppedAt: iso(c.marketingStoppedAt),
    blockedAt: iso(c.blockedAt),
    createdAt: c.createdAt.toISOString(),
  };
}

/** A conversation as the contract shows it. */
export function conversationView(c: ConversationRow, contact: Omit<ContactRow, 'tenantId'>): Conversation {
  return {
    id: c.id,
    channelId: c.channelId,
    contact: { ...contactView(contact), phone: phoneShown(contact.phone, { phone: c.peerPhone, waId: c.peerWaId }) },
    status: c.status,
    archived: c.archived,
    priority: c.priority,
    assignedUserId: c.assignedUserId,
    campaignId: c.campaignId,
    unreadCount: c.unreadCount,
    messageCount: c.messageCount,
    lastMessage:
      c.lastMessageId === null
        ? null
        : {
            id: c.lastMessageId,
            content: c.lastMessageContent ?? '',
            direction: c.lastMessageDirection ?? 'inbound',
            type: c.lastMessageType ?? 'text',
            time: c.lastMessageAt.toISOString(),
            // A deleted message leaves no preview; of any other there is one.
            ...(c.lastMessageContent === null && { isDeleted: true }),
          },
    lastMessageAt: c.lastMessageId === null ? null : c.lastMessageAt.toISOString(),
    lastInboundAt: iso(c.lastInboundAt),
    awaitedSince: iso(c.awaitedSince),
    assignedAt: iso(c.assignedAt),
    firstResponseAt: iso(c.firstResponseAt),
    closedAt: iso(c.closedAt),
    closing: c.closedAt === null ? null : { reason: c.closeReason, outcome: c.outcome, value: c.outcomeValue },
    snoozedUntil: iso(c.snoozedUntil),
    metrics: {
      inboundCount: c.inboundCount,
      reopenCount: c.reopenCount,
      answerCount: c.answerCount,
      answerSeconds: c.answerSeconds,
    },
    createdAt: c.createdAt.toISOString(),
    updatedAt: c.updatedAt.toISOString(),
  };
}

/** The contact that came with a conversation's row. */
export const contactOf = (c: ConversationWithContact): ContactRow => ({
  tenantId: c.tenantId,
  id: c.contactId,
  name: c.contactName,
  firstName: c.contactFirstName,
  lastName: c.contactLastName,
  phone: c.contactPhone,
  email: c.contactEmail,
  avatarUrl: c.contactAvatarUrl,
  username: c.contactUsername,
  groupAddress: c.contactGroupAddress,
  marketingStoppedAt: c.contactMarketingStoppedAt,
  blockedAt: c.contactBlockedAt,
  createdAt: c.contactCreatedAt,
});

export const joinedView = (c: ConversationWithContact & { tags?: Tag[]; clocks?: Clocks | null }): Conversation => ({
  ...conversationView(c, contactOf(c)),
  ...(c.tags && { tags: c.tags }),
  ...(c.clocks !== undefined && { sla: slaView(c.clocks) }),
});
