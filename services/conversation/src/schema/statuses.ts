import type { Message, StatusDetails } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { index, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

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
