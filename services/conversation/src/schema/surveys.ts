import type { SurveySettings } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { index, jsonb, primaryKey, smallint, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** How customers are asked after a chat: the tenant's, and those of campaigns that differ. */
export const surveySettings = schema.table(
  'survey_settings',
  {
    tenantId: tenantId(),
    /** The campaign; the tenant's own id for all others. */
    scopeId: uuid('scope_id').notNull(),
    settings: jsonb('settings').$type<SurveySettings>().notNull(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.scopeId] })],
);

/** The question about one conversation, asked or not, and its answer. */
export const surveys = schema.table(
  'surveys',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    contactId: uuid('contact_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    campaignId: uuid('campaign_id'),
    /** Who had the chat when it was closed. */
    userId: uuid('user_id'),
    /** Who answered the customer; null until it is about to be asked. */
    handledBy: text('handled_by', { enum: ['ai', 'person', 'mixed'] }),
    status: text('status', { enum: ['scheduled', 'asked', 'answered', 'skipped'] }).notNull(),
    /** Of a skipped one: why it was not asked. */
    reason: text('reason'),
    /** As they were when the chat was closed. */
    settings: jsonb('settings').$type<SurveySettings>().notNull(),
    way: text('way', { enum: ['buttons', 'list', 'text', 'template'] }),
    messageId: uuid('message_id'),
    /** 1 to 5; thumbs are 1 and 5. */
    score: smallint('score'),
    comment: text('comment'),
    /** The close that it is about: another one after a reopening is another question. */
    closedAt: time('closed_at').notNull(),
    askedAt: time('asked_at'),
    /** Until then an answer or a comment is taken; null: no more. */
    opensUntil: time('opens_until'),
    answeredAt: time('answered_at'),
    /** The provider's time of the answer that stands. */
    answerSentAt: time('answer_sent_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('surveys_conversation').on(t.tenantId, t.conversationId),
    // What a message may answer, and when the contact was last asked.
    index('surveys_contact').on(t.tenantId, t.contactId, t.askedAt),
    // Lists and sums go by the time of the close.
    index('surveys_closed').on(t.tenantId, t.closedAt, t.id),
    index('surveys_answered').on(t.tenantId, t.closedAt, t.id).where(sql`${t.answeredAt} is not null`),
    index('surveys_user').on(t.tenantId, t.userId, t.closedAt, t.id).where(sql`${t.userId} is not null`),
    index('surveys_campaign').on(t.tenantId, t.campaignId, t.closedAt, t.id).where(sql`${t.campaignId} is not null`),
  ],
);
