import type { CannedMedia, OutboundContent, ScheduledMessage } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** Texts that agents send again and again. */
export const cannedAnswers = schema.table(
  'canned_answers',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    /** Whose it is; null: it is shared by the tenant. */
    userId: uuid('user_id'),
    shortcut: text('shortcut').notNull(),
    /** The shortcut without case and accents. */
    shortcutKey: text('shortcut_key').notNull(),
    title: text('title').notNull(),
    content: text('content').notNull(),
    category: text('category'),
    tags: text('tags').array().notNull().default([]),
    media: jsonb('media').$type<CannedMedia>(),
    /** All its words without case and accents. */
    searchText: text('search_text').notNull(),
    usageCount: integer('usage_count').notNull().default(0),
    lastUsedAt: time('last_used_at'),
    /** Null for an API key. */
    createdBy: uuid('created_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('canned_answers_shared').on(t.tenantId, t.shortcutKey).where(sql`${t.userId} is null`),
    uniqueIndex('canned_answers_own').on(t.tenantId, t.userId, t.shortcutKey).where(sql`${t.userId} is not null`),
  ],
);

/** What a user has written in a chat and not sent. Other users never see it. */
export const conversationDrafts = schema.table(
  'conversation_drafts',
  {
    tenantId: tenantId(),
    userId: uuid('user_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    /** Counts its writes: two screens of one user notice each other. */
    version: integer('version').notNull(),
    text: text('text').notNull(),
    fileId: uuid('file_id'),
    replyTo: uuid('reply_to'),
    updatedAt: time('updated_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId, t.conversationId] }),
    index('conversation_drafts_recent').on(t.tenantId, t.userId, t.updatedAt, t.conversationId),
    // Of a contact that is erased.
    index('conversation_drafts_of').on(t.tenantId, t.conversationId),
    index('conversation_drafts_age').on(t.updatedAt),
  ],
);

/** Messages of a chat that are sent later. */
export const scheduledMessages = schema.table(
  'scheduled_messages',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    /** Null for an API key. */
    userId: uuid('user_id'),
    /** The API key that made it. */
    apiKeyId: uuid('api_key_id'),
    content: jsonb('content').$type<OutboundContent>().notNull(),
    sendAt: time('send_at').notNull(),
    cancelOnReply: boolean('cancel_on_reply').notNull().default(false),
    status: text('status').$type<ScheduledMessage['status']>().notNull().default('scheduled'),
    /** Why it was cancelled, or the code of its failure. */
    reason: text('reason'),
    error: text('error'),
    messageId: uuid('message_id'),
    settledAt: time('settled_at'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('scheduled_messages_chat').on(t.tenantId, t.conversationId, t.sendAt, t.id),
    // The tenant's own list, and how many wait.
    index('scheduled_messages_waiting').on(t.tenantId, t.sendAt, t.id).where(sql`${t.status} = 'scheduled'`),
    index('scheduled_messages_settled').on(t.settledAt).where(sql`${t.settledAt} is not null`),
  ],
);

/** Who is named in which note. */
export const noteMentions = schema.table(
  'note_mentions',
  {
    tenantId: tenantId(),
    userId: uuid('user_id').notNull(),
    noteId: uuid('note_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.noteId] })],
);
