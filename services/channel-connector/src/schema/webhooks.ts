import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, time } from './base.ts';

/** Where a tenant wants events to go. */
export const webhookEndpoints = schema.table(
  'webhook_endpoints',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    url: text('url').notNull(),
    /** Names of WEBHOOK_EVENTS; empty is all. */
    eventTypes: text('event_types').array().notNull().default(sql`'{}'`),
    /** Empty: of every channel, and what is about none. */
    channelIds: uuid('channel_ids').array().notNull().default(sql`'{}'`),
    /** The channel whose `webhook_url` it is. */
    channelId: uuid('channel_id'),
    enabled: boolean('enabled').notNull().default(true),
    /** It gets events from then on. */
    enabledAt: time('enabled_at').notNull().defaultNow(),
    disabledReason: text('disabled_reason').$type<'user' | 'gone' | 'failing'>(),
    disabledAt: time('disabled_at'),
    /** Sealed under RECADO_SECRETS_KEYS with the endpoint's id as context. */
    secret: text('secret').notNull(),
    previousSecret: text('previous_secret'),
    previousSecretUntil: time('previous_secret_until'),
    /** Every try since then failed. */
    failingSince: time('failing_since'),
    /** Noted at most once a minute. */
    lastSuccessAt: time('last_success_at'),
    /** It asked for a pause (Retry-After): nothing is sent before. */
    pausedUntil: time('paused_until'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('webhook_endpoints_channel').on(t.tenantId, t.channelId).where(sql`${t.channelId} is not null`),
    // What other copies switched on of late.
    index('webhook_endpoints_enabled').on(t.enabledAt, t.tenantId).where(sql`${t.enabled}`),
  ],
);

/** One row for each event and endpoint; kept for 30 days. */
export const webhookDeliveries = schema.table(
  'webhook_deliveries',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    endpointId: uuid('endpoint_id').notNull(),
    /** The `webhook-id`. */
    eventId: uuid('event_id').notNull(),
    eventType: text('event_type').notNull(),
    /** The bytes that are signed and sent. */
    payload: text('payload').notNull(),
    /** Whom the event is about, so that the log can forget them. */
    contactId: uuid('contact_id'),
    conversationId: uuid('conversation_id'),
    /** When its content was erased with its contact. */
    erasedAt: time('erased_at'),
    status: text('status').$type<'pending' | 'delivered' | 'failed'>().notNull().default('pending'),
    /** Tries of this order; a replay begins anew. */
    tries: integer('tries').notNull().default(0),
    /** The last 20, the oldest first: WebhookAttempt of contracts. */
    attempts: jsonb('attempts').notNull().default([]),
    nextTryAt: time('next_try_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    endedAt: time('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('webhook_deliveries_event').on(t.tenantId, t.endpointId, t.eventId),
    index('webhook_deliveries_log').on(t.tenantId, t.endpointId, t.id),
    index('webhook_deliveries_failed').on(t.tenantId, t.endpointId, t.id).where(sql`${t.status} = 'failed'`),
    index('webhook_deliveries_age').on(t.createdAt),
    index('webhook_deliveries_contact').on(t.tenantId, t.contactId).where(sql`${t.contactId} is not null`),
    index('webhook_deliveries_chat').on(t.tenantId, t.conversationId).where(sql`${t.conversationId} is not null`),
  ],
);
