import type { AboutMessage, OutboundContent, RecipientAddress } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { date, index, integer, jsonb, primaryKey, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, time } from './base.ts';

/**
 * One row for each outbound message; its id is the message's, so there can't be two. It must
 * outlive the streams (72 h): it absorbs repeats.
 */
export const dispatches = schema.table(
  'dispatches',
  {
    tenantId: uuid('tenant_id').notNull(),
    /** The message's id; also what the provider echoes (biz_opaque_callback_data). */
    messageId: uuid('message_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    recipient: jsonb('recipient').$type<RecipientAddress>().notNull(),
    type: text('type').notNull(),
    body: text('body').notNull(),
    /** All of the message; null for a text that is no more than its `body`. */
    content: jsonb('content').$type<OutboundContent>(),
    /** The message it quotes or reacts to. */
    about: jsonb('about').$type<AboutMessage>(),
    /** What goes first: 0 a reply to a customer, 1 one of many. */
    rank: smallint('rank').notNull().default(0),
    state: text('state').$type<'queued' | 'sending' | 'sent' | 'failed' | 'uncertain'>().notNull().default('queued'),
    /** Times it went to `sending`. */
    attempts: integer('attempts').notNull().default(0),
    /** Of them, how often the provider refused. */
    refusals: integer('refusals').notNull().default(0),
    dueAt: time('due_at').notNull().defaultNow(),
    /** While `sending`: when its owner counts as dead. */
    leaseUntil: time('lease_until'),
    /**
     * Names the claim that made it `sending`, so that one whose answer was lost can be taken back.
     */
    claimToken: uuid('claim_token'),
    uncertainAt: time('uncertain_at'),
    providerMessageId: text('provider_message_id'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    /** Orders a conversation's messages. */
    requestedAt: time('requested_at').notNull(),
    traceparent: text('traceparent'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.messageId] }),
    // Of the version before, which knew no ranks.
    index('dispatches_queued').on(t.channelId, t.requestedAt, t.messageId).where(sql`${t.state} = 'queued'`),
    // What a channel has to send: replies before what goes to many, then the oldest.
    index('dispatches_ranked').on(t.channelId, t.rank, t.requestedAt, t.messageId).where(sql`${t.state} = 'queued'`),
    // What a conversation still has ahead of a message.
    index('dispatches_open')
      .on(t.tenantId, t.conversationId, t.requestedAt, t.messageId)
      .where(sql`${t.state} in ('queued', 'sending')`),
    // One send in flight per conversation, even if two copies disagree.
    uniqueIndex('dispatches_in_flight').on(t.tenantId, t.conversationId).where(sql`${t.state} = 'sending'`),
    index('dispatches_lease').on(t.leaseUntil).where(sql`${t.state} = 'sending'`),
    index('dispatches_uncertain').on(t.uncertainAt).where(sql`${t.state} = 'uncertain'`),
  ],
);

/** Each try of a dispatch and its answer; kept for 90 days. */
export const dispatchAttempts = schema.table(
  'dispatch_attempts',
  {
    tenantId: uuid('tenant_id').notNull(),
    messageId: uuid('message_id').notNull(),
    /** From 1, as `attempts` of the dispatch. */
    attempt: integer('attempt').notNull(),
    result: text('result').$type<'sent' | 'retry' | 'failed' | 'uncertain'>().notNull(),
    providerMessageId: text('provider_message_id'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    /** Null: its process died. */
    startedAt: time('started_at'),
    endedAt: time('ended_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.messageId, t.attempt] }),
    index('dispatch_attempts_age').using('brin', t.endedAt),
  ],
);

/** What a channel with a daily limit was given to send on a day of the tenant's time zone. */
export const channelDays = schema.table(
  'channel_days',
  {
    tenantId: uuid('tenant_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    day: date('day').notNull(),
    messages: integer('messages').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.channelId, t.day] })],
);

/**
 * How many customers an account wrote to first in the last 24 hours, if its provider limits that.
 * Its lock makes counting exact.
 */
export const openingCounts = schema.table(
  'opening_counts',
  {
    tenantId: uuid('tenant_id').notNull(),
    /** As ownerOf in dispatches/limits/messaging-limit.ts names it. */
    owner: text('owner').notNull(),
    /** Rows of `openings`. */
    used: integer('used').notNull(),
    sweptAt: time('swept_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.owner] }),
    // Of accounts that send no more: their rows are removed, too.
    index('opening_counts_stale').on(t.sweptAt).where(sql`${t.used} > 0`),
  ],
);

/** Those customers, each once. */
export const openings = schema.table(
  'openings',
  {
    tenantId: uuid('tenant_id').notNull(),
    owner: text('owner').notNull(),
    recipient: text('recipient').notNull(),
    openedAt: time('opened_at').notNull(),
    /** The only message that opened it: when that one fails, it was no opening. */
    messageId: uuid('message_id'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.owner, t.recipient] }),
    index('openings_age').on(t.tenantId, t.owner, t.openedAt),
    index('openings_message').on(t.tenantId, t.messageId).where(sql`${t.messageId} is not null`),
  ],
);

/** The last message of each conversation that a person read, and what became of its receipt. */
export const readReceipts = schema.table(
  'read_receipts',
  {
    tenantId: uuid('tenant_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    messageId: uuid('message_id').notNull(),
    providerMessageId: text('provider_message_id').notNull(),
    /** Provider ids of messages before it that are to be ticked, too. */
    earlier: jsonb('earlier').$type<string[]>().notNull().default([]),
    recipient: jsonb('recipient').$type<RecipientAddress>().notNull(),
    /** The message's: of two, the later one counts. */
    sentTime: time('sent_time').notNull(),
    readAt: time('read_at').notNull(),
    state: text('state').$type<'due' | 'sent' | 'skipped' | 'failed'>().notNull().default('due'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId] }),
    index('read_receipts_age').using('brin', t.updatedAt),
  ],
);
