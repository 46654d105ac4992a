import type { Conversation, Message } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { boolean, doublePrecision, index, integer, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

export const conversations = schema.table(
  'conversations',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    channelId: uuid('channel_id').notNull(),
    /** The channel's provider: its capabilities decide on the reply window. */
    provider: text('provider').notNull(),
    contactId: uuid('contact_id').notNull(),
    /** The address the contact last wrote from on this channel: answers go there. */
    peerWaId: text('peer_wa_id'),
    peerPhone: text('peer_phone'),
    peerUserId: text('peer_user_id'),
    status: text('status').$type<Conversation['status']>().notNull().default('new'),
    archived: boolean('archived').notNull().default(false),
    priority: text('priority').$type<Conversation['priority']>().notNull().default('normal'),
    assignedUserId: uuid('assigned_user_id'),
    campaignId: uuid('campaign_id'),
    /** Since when it waits in its campaign's queue; it keeps its place when an agent leaves. */
    queuedAt: time('queued_at'),
    unreadCount: integer('unread_count').notNull().default(0),
    messageCount: integer('message_count').notNull().default(0),
    lastMessageId: uuid('last_message_id'),
    /** A preview, cut. */
    lastMessageContent: text('last_message_content'),
    lastMessageDirection: text('last_message_direction').$type<Message['direction']>(),
    lastMessageType: text('last_message_type').$type<Message['type']>(),
    /** Its message's `sent_time`; the creation while there is none. */
    lastMessageAt: time('last_message_at').notNull(),
    /**
     * Rounded down to ten seconds; the first order of lists. Indexes hold it, so quick messages
     * leave them alone (heap-only updates): a third of the cost of adding to a conversation.
     */
    activeAt: time('active_at').generatedAlwaysAs(
      sql`date_bin('10 seconds', last_message_at, timestamptz '2000-01-01 00:00:00+00')`,
    ),
    lastInboundAt: time('last_inbound_at'),
    /** The first message of the customer that no person answered yet. */
    awaitedSince: time('awaited_since'),
    assignedAt: time('assigned_at'),
    firstResponseAt: time('first_response_at'),
    closedAt: time('closed_at'),
    /** Why it was closed and with what result; null while it is open. */
    closeReason: text('close_reason'),
    outcome: text('outcome'),
    /** In the tenant's currency. */
    outcomeValue: doublePrecision('outcome_value'),
    /** Until then it is put away; a customer's message brings it back before. */
    snoozedUntil: time('snoozed_until'),
    inboundCount: integer('inbound_count').notNull().default(0),
    reopenCount: integer('reopen_count').notNull().default(0),
    /** People's answers, and the seconds that customers waited for them in all. */
    answerCount: integer('answer_count').notNull().default(0),
    answerSeconds: integer('answer_seconds').notNull().default(0),
    version: integer('version').notNull().default(1),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('conversations_open').on(t.tenantId, t.channelId, t.contactId).where(sql`${t.status} <> 'closed'`),
    index('conversations_recent').on(t.tenantId, t.activeAt.desc()),
    index('conversations_channel').on(t.tenantId, t.channelId, t.activeAt.desc()),
    index('conversations_assigned')
      .on(t.tenantId, t.assignedUserId, t.activeAt.desc())
      .where(sql`${t.assignedUserId} is not null`),
    index('conversations_campaign')
      .on(t.tenantId, t.campaignId, t.activeAt.desc())
      .where(sql`${t.campaignId} is not null`),
    // Walks by cursor; without a filter the primary key is enough.
    index('conversations_channel_walk').on(t.tenantId, t.channelId, t.id),
    index('conversations_assigned_walk')
      .on(t.tenantId, t.assignedUserId, t.id)
      .where(sql`${t.assignedUserId} is not null`),
    index('conversations_campaign_walk').on(t.tenantId, t.campaignId, t.id).where(sql`${t.campaignId} is not null`),
    index('conversations_contact').on(t.tenantId, t.contactId),
    index('conversations_snoozed').on(t.tenantId, t.snoozedUntil).where(sql`${t.snoozedUntil} is not null`),
    // Few wait, are archived or snoozed, or have another priority: the others are in none of these.
    index('conversations_waiting')
      .on(t.tenantId, t.status, t.activeAt.desc())
      .where(sql`${t.status} in ('new', 'bot', 'queued', 'pending')`),
    index('conversations_archived').on(t.tenantId, t.activeAt.desc()).where(sql`${t.archived}`),
    index('conversations_priority').on(t.tenantId, t.priority, t.activeAt.desc()).where(sql`${t.priority} <> 'normal'`),
    // What waits in a campaign, the oldest first. `active_at`'s updates stay heap-only.
    index('conversations_queue')
      .on(t.tenantId, t.campaignId, sql`coalesce(${t.queuedAt}, ${t.createdAt})`, t.id)
      .where(sql`${t.status} = 'queued' and ${t.assignedUserId} is null and ${t.campaignId} is not null`),
    // How many open chats a campaign has, and which.
    index('conversations_in_campaign')
      .on(t.tenantId, t.campaignId, t.assignedUserId)
      .where(sql`${t.campaignId} is not null and ${t.status} <> 'closed'`),
    // The open chats of a campaign by age: the cards of its board.
    index('conversations_open_walk')
      .on(t.tenantId, t.campaignId, t.id)
      .where(sql`${t.campaignId} is not null and ${t.status} <> 'closed'`),
    // How many open chats an agent has.
    index('conversations_load')
      .on(t.tenantId, t.assignedUserId)
      .where(sql`${t.assignedUserId} is not null and ${t.status} <> 'closed'`),
  ],
);

/** Labels of the tenant's conversations. */
export const tags = schema.table(
  'tags',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    /** As it was first written; case does not tell tags apart. */
    name: text('name').notNull(),
    color: text('color').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), uniqueIndex('tags_name').on(t.tenantId, sql`lower(${t.name})`)],
);

export const conversationTags = schema.table(
  'conversation_tags',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    tagId: uuid('tag_id').notNull(),
    addedAt: time('added_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId, t.tagId] }),
    index('conversation_tags_of').on(t.tenantId, t.tagId, t.conversationId),
  ],
);

/** What people write to each other about a conversation. */
export const conversationNotes = schema.table(
  'conversation_notes',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    /** Null for an API key. */
    userId: uuid('user_id'),
    content: text('content').notNull(),
    mentions: uuid('mentions').array().notNull().default([]),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.conversationId, t.id] })],
);
