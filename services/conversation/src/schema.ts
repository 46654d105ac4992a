import type { Conversation, Message, MessageDetails, MessageFile, StatusDetails } from '@recado/contracts';
import { callKeysTable, tenantsTable, usersTable } from '@recado/database/tables';
import { messagingTables } from '@recado/messaging/tables';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * No foreign keys: contact, conversation and message are written in one transaction and none is
 * deleted alone. Three checks per row would slow the hottest path.
 */
export const schema = pgSchema('conversation');

// Milliseconds, as JavaScript and the cursors of pages have them; finer digits would make rows
// vanish between two pages.
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const tenantId = () => uuid('tenant_id').notNull();

export const contacts = schema.table(
  'contacts',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name'),
    /** E.164; null for customers who show only a username. */
    phone: text('phone'),
    email: text('email'),
    avatarUrl: text('avatar_url'),
    /** What a customer without a visible phone is called. */
    username: text('username'),
    /** The provider's address of a chat of many: such a row is no person and in no address book. */
    groupAddress: text('group_address'),
    /** As of when the provider named a group so. */
    namedAt: time('named_at'),
    /** Since when the customer wants no marketing messages. */
    marketingStoppedAt: time('marketing_stopped_at'),
    /** When the customer last said so, or that they want them again. */
    marketingChangedAt: time('marketing_changed_at'),
    /** The creator; null for a contact that came by a message, or that an API key made. */
    createdBy: uuid('created_by'),
    isActive: boolean('is_active').notNull().default(true),
    /**
     * When it was entered into the address book by hand; null for a contact known only by messages,
     * which any user may still add.
     */
    enteredAt: time('entered_at'),
    /** Out of the address book and all groups. Conversations still show it. */
    deletedAt: time('deleted_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    // Ids follow the order of arrival: lists of all of a tenant's contacts are read along this key.
    primaryKey({ columns: [t.tenantId, t.id] }),
    // Contacts that come by a message are not in it, so those cost nothing more.
    index('contacts_created_by').on(t.tenantId, t.createdBy, t.id).where(sql`${t.createdBy} is not null`),
  ],
);

export const groups = schema.table(
  'groups',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    /** Null for what an API key made. */
    createdBy: uuid('created_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index('groups_created_by').on(t.tenantId, t.createdBy, t.id)],
);

/** Members of groups: never a contact that was removed. */
export const groupContacts = schema.table(
  'group_contacts',
  {
    tenantId: tenantId(),
    groupId: uuid('group_id').notNull(),
    contactId: uuid('contact_id').notNull(),
    addedBy: uuid('added_by'),
    addedAt: time('added_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.groupId, t.contactId] }),
    index('group_contacts_of').on(t.tenantId, t.contactId),
  ],
);

/**
 * Identifies a sender. `wa_id`: exactly as received. `phone`: one key for all spellings of a number
 * (contacts/phones.ts), so this unique key matches them. `user_id`: business-scoped.
 */
export const contactIdentities = schema.table(
  'contact_identities',
  {
    tenantId: tenantId(),
    kind: text('kind', { enum: ['phone', 'user_id', 'parent_user_id', 'wa_id', 'group'] }).notNull(),
    value: text('value').notNull(),
    contactId: uuid('contact_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.kind, t.value] }),
    // The contact first: with the tenant first Postgres took this index, and all of a tenant's
    // identities in it, to find a few by their values.
    index('contact_identities_of').on(t.contactId, t.tenantId),
  ],
);

/**
 * Addresses that a contact had until the provider told of its new one. They name it in messages of
 * that time alone: the next owner of a number is another contact.
 */
export const formerIdentities = schema.table(
  'former_identities',
  {
    tenantId: tenantId(),
    kind: text('kind', { enum: ['phone', 'user_id', 'parent_user_id', 'wa_id', 'group'] }).notNull(),
    value: text('value').notNull(),
    contactId: uuid('contact_id').notNull(),
    until: time('until').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.kind, t.value, t.contactId] }),
    index('former_identities_of').on(t.contactId, t.tenantId),
  ],
);

/** Who was seen in a group: by a message of theirs. */
export const groupParticipants = schema.table(
  'group_participants',
  {
    tenantId: tenantId(),
    /** The group's. */
    contactId: uuid('contact_id').notNull(),
    /** The provider's address of the person: a business-scoped id, else a phone. */
    address: text('address').notNull(),
    name: text('name'),
    phone: text('phone'),
    lastMessageAt: time('last_message_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.contactId, t.address] })],
);

/** Who takes part in a group, as its provider tells. Such a person need not be a contact. */
export const groupMembers = schema.table(
  'group_members',
  {
    tenantId: tenantId(),
    /** The group's. */
    contactId: uuid('contact_id').notNull(),
    /** The provider's address of the person, as in group_participants. */
    address: text('address').notNull(),
    name: text('name'),
    phone: text('phone'),
    isAdmin: boolean('is_admin').notNull().default(false),
    /** Null: takes part. */
    leftAt: time('left_at'),
    /** The latest word of the provider on it. */
    toldAt: time('told_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.contactId, t.address] })],
);

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
    assignedAt: time('assigned_at'),
    firstResponseAt: time('first_response_at'),
    closedAt: time('closed_at'),
    /** Why it was closed and with what result; null while it is open. */
    closeReason: text('close_reason'),
    outcome: text('outcome'),
    /** In the tenant's currency. */
    outcomeValue: doublePrecision('outcome_value'),
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

export const messages = schema.table(
  'messages',
  {
    tenantId: tenantId(),
    /**
     * UUIDv7. Of an inbound message: the id of the event that brought it, so ids follow the order
     * of arrival.
     */
    id: uuid('id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    direction: text('direction').$type<Message['direction']>().notNull(),
    type: text('type').$type<Message['type']>().notNull(),
    content: text('content').notNull(),
    metadata: jsonb('metadata').$type<Record<string, unknown>>(),
    status: text('status').$type<Message['status']>().notNull(),
    providerMessageId: text('provider_message_id'),
    author: text('author').$type<Message['author']>().notNull(),
    userId: uuid('user_id'),
    aiModel: text('ai_model'),
    /** The customer's message an AI reply answers. */
    replyToInboundId: uuid('reply_to_inbound_id'),
    /** What the customer quoted. */
    replyToProviderMessageId: text('reply_to_provider_message_id'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    /**
     * Provider time for inbound, acceptance for outbound; threads are ordered by it, then by id.
     */
    sentTime: time('sent_time').notNull(),
    sentAt: time('sent_at'),
    deliveredAt: time('delivered_at'),
    readAt: time('read_at'),
    failedAt: time('failed_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    /** What it carries besides its text; older rows have it in `metadata`. */
    details: jsonb('details').$type<MessageDetails>(),
    /** What became of its file, apart from `details`, which edits replace. */
    file: jsonb('file').$type<MessageFile>(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('messages_provider')
      .on(t.tenantId, t.channelId, t.providerMessageId)
      .where(sql`${t.providerMessageId} is not null`),
    // At most one AI reply to each message of a customer.
    uniqueIndex('messages_ai_reply')
      .on(t.tenantId, t.conversationId, t.replyToInboundId)
      .where(sql`${t.author} = 'ai'`),
    index('messages_thread').on(t.tenantId, t.conversationId, t.sentTime, t.id),
    // The reactions to the messages of a page.
    index('messages_reactions')
      .on(t.tenantId, t.channelId, t.replyToProviderMessageId)
      .where(sql`${t.type} = 'reaction'`),
    // What each person chose in a poll.
    index('messages_votes')
      .on(t.tenantId, t.channelId, t.replyToProviderMessageId)
      .where(sql`(${t.details}->'poll'->'selected') is not null`),
    // The messages that took an uploaded file out.
    index('messages_sent_files')
      .on(t.tenantId, sql`(${t.details}->'media'->>'fileId')`)
      .where(sql`${t.direction} = 'outbound' and (${t.details}->'media'->>'fileId') is not null`),
  ],
);

/** Files that were fetched before their message was stored; they wait here for 8 days. */
export const pendingFiles = schema.table(
  'pending_files',
  {
    tenantId: tenantId(),
    channelId: uuid('channel_id').notNull(),
    providerMessageId: text('provider_message_id').notNull(),
    file: jsonb('file').$type<MessageFile>().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.channelId, t.providerMessageId] }),
    index('pending_files_age').on(t.createdAt),
  ],
);

/**
 * What a message was and what its writer made of it. A change that comes before its message waits
 * here, without `messageId`, for 8 days.
 */
export const messageVersions = schema.table(
  'message_versions',
  {
    tenantId: tenantId(),
    channelId: uuid('channel_id').notNull(),
    /** The provider's id of the message. */
    providerMessageId: text('provider_message_id').notNull(),
    /** The provider's id of the change; empty for the message as it was first. */
    changeId: text('change_id').notNull(),
    kind: text('kind').$type<'original' | 'edited' | 'deleted'>().notNull(),
    /** Who changed it: a customer changes no message of ours. */
    direction: text('direction').$type<Message['direction']>().notNull(),
    at: time('at').notNull(),
    type: text('type').$type<Message['type']>().notNull(),
    content: text('content').notNull(),
    details: jsonb('details').$type<MessageDetails>(),
    messageId: uuid('message_id'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'message_versions_pk', columns: [t.tenantId, t.channelId, t.providerMessageId, t.changeId] }),
    index('message_versions_message').on(t.tenantId, t.messageId).where(sql`${t.messageId} is not null`),
    index('message_versions_waiting').on(t.createdAt).where(sql`${t.messageId} is null`),
  ],
);

/** Statuses that came before their message (or before its provider id was known); kept 24 hours. */
export const pendingStatuses = schema.table(
  'pending_statuses',
  {
    tenantId: tenantId(),
    /** The event's. */
    id: uuid('id').notNull(),
    channelId: uuid('channel_id').notNull(),
    providerMessageId: text('provider_message_id').notNull(),
    status: text('status').$type<Exclude<Message['status'], 'pending'>>().notNull(),
    at: time('at').notNull(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    createdAt: time('created_at').notNull().defaultNow(),
    details: jsonb('details').$type<StatusDetails>(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('pending_statuses_message').on(t.tenantId, t.channelId, t.providerMessageId),
    index('pending_statuses_age').on(t.createdAt),
  ],
);

/** Every report of an outbound message; kept for 90 days. */
export const messageStatuses = schema.table(
  'message_statuses',
  {
    tenantId: tenantId(),
    messageId: uuid('message_id').notNull(),
    /** The event's. */
    id: uuid('id').notNull(),
    status: text('status').$type<Exclude<Message['status'], 'pending'>>().notNull(),
    source: text('source').$type<'webhook' | 'dispatch'>().notNull(),
    at: time('at').notNull(),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    details: jsonb('details').$type<StatusDetails>(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.messageId, t.id] }),
    index('message_statuses_age').using('brin', t.createdAt),
    // What failed, the last first: a failed message's own row changes too often for an index.
    index('message_statuses_failed').on(t.tenantId, t.id).where(sql`${t.status} = 'failed'`),
  ],
);

/** Sends whose answer was lost. One that got a status since then is pending no more. */
export const uncertainMessages = schema.table(
  'uncertain_messages',
  {
    tenantId: tenantId(),
    /** The event's: it follows the time. */
    id: uuid('id').notNull(),
    messageId: uuid('message_id').notNull(),
    at: time('at').notNull(),
    until: time('until'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index('uncertain_messages_age').using('brin', t.createdAt)],
);

/** Failed messages that were sent again, each once. */
export const messageRetries = schema.table(
  'message_retries',
  {
    tenantId: tenantId(),
    messageId: uuid('message_id').notNull(),
    /** The message that sends it again. */
    retryId: uuid('retry_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.messageId] }),
    uniqueIndex('message_retries_retry').on(t.tenantId, t.retryId),
  ],
);

/**
 * Messages sent in a month of the tenant's zone, counted in their transaction. A limited plan uses
 * slot 0, one send after the other; an unlimited one many slots, so none waits.
 */
export const usageMonths = schema.table(
  'usage_months',
  {
    tenantId: tenantId(),
    /** The first day of the month. */
    month: date('month').notNull(),
    slot: smallint('slot').notNull().default(0),
    messages: bigint('messages', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.month, t.slot] })],
);

/**
 * Keys of sends that may be repeated: the second call with one is answered with the first one's
 * message. Kept 30 days.
 */
export const messageKeys = schema.table(
  'message_keys',
  {
    tenantId: tenantId(),
    key: text('key').notNull(),
    messageId: uuid('message_id').notNull(),
    /** Digest of what was asked: the same key with something else is refused. */
    request: text('request').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] }), index('message_keys_age').using('brin', t.createdAt)],
);

/** Plan and time zone of tenants. */
export const tenants = tenantsTable(schema);

/** Whom a chat or a task may be assigned to. */
export const users = usersTable(schema);

export const callKeys = callKeysTable(schema);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
