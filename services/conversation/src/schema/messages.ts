import type { Message, MessageDetails, MessageFile } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { bigint, date, index, jsonb, primaryKey, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

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
