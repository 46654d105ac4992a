import type { AiConfig } from '@recado/contracts';
import { tenantsTable } from '@recado/database/tables';
import { jobsTables } from '@recado/jobs/tables';
import { messagingTables } from '@recado/messaging/tables';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

export const schema = pgSchema('ai_responder');

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** One row per tenant, made when it is first asked for. */
export const aiConfigs = schema.table('ai_configs', {
  tenantId: uuid('tenant_id').primaryKey(),
  id: uuid('id').notNull(),
  enabled: boolean('enabled').notNull(),
  /** Since when it is on without a break; null while off. Messages from before are not answered. */
  enabledSince: time('enabled_since'),
  model: text('model').notNull(),
  personality: text('personality').$type<AiConfig['personality']>().notNull(),
  responseMode: text('response_mode').$type<AiConfig['responseMode']>().notNull(),
  systemPrompt: text('system_prompt').notNull(),
  welcomeMessage: text('welcome_message').notNull(),
  businessHours: jsonb('business_hours').$type<AiConfig['businessHours']>(),
  keywords: text('keywords').array().notNull(),
  settings: jsonb('settings').$type<AiConfig['settings']>().notNull(),
  limits: jsonb('limits').$type<AiConfig['limits']>().notNull(),
  createdAt: time('created_at').notNull().defaultNow(),
  updatedAt: time('updated_at').notNull().defaultNow(),
});

/** What the model cost, by day in the tenant's zone. */
export const usageDays = schema.table(
  'usage_days',
  {
    tenantId: uuid('tenant_id').notNull(),
    day: date('day').notNull(),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    calls: integer('calls').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.day] })],
);

/**
 * One row per customer's message, so a second reply is impossible. `waiting` → `due` with a job →
 * `working` → `done`, `dropped` or `handed_off`; `superseded` by a later message.
 */
export const pendingReplies = schema.table(
  'pending_replies',
  {
    tenantId: uuid('tenant_id').notNull(),
    inboundMessageId: uuid('inbound_message_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    state: text('state').notNull(),
    /** Why it was dropped or handed off. */
    reason: text('reason'),
    /** When conversation stored the message. */
    inboundAt: time('inbound_at').notNull(),
    /** The message opened the conversation: the welcome message goes with the reply. */
    isNew: boolean('is_new').notNull(),
    /** While `due` or `working`: when the version before may take it. */
    nextTryAt: time('next_try_at').notNull(),
    /** Claims that never came to an end: what kills its worker again and again is given up. */
    claims: integer('claims').notNull().default(0),
    /** Calls of the model that failed. */
    failures: integer('failures').notNull().default(0),
    /** Set by the version before, while it holds the row. */
    leaseId: uuid('lease_id'),
    /** When the first message of its burst was stored. Null: written by the version before. */
    burstAt: time('burst_at'),
    traceparent: text('traceparent'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.inboundMessageId] }),
    index('pending_replies_claimable').on(t.tenantId, t.nextTryAt).where(sql`${t.state} in ('due', 'working')`),
    index('pending_replies_conversation').on(t.tenantId, t.conversationId).where(sql`${t.state} in ('waiting', 'due')`),
    index('pending_replies_age').on(t.createdAt),
  ],
);

/** Whose turn it is in a conversation: its row's lock lets one at a time decide on its replies. */
export const conversationTurns = schema.table(
  'conversation_turns',
  {
    tenantId: uuid('tenant_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    /** The latest message that got a reply: an earlier one that comes late is answered with it. */
    lastInboundId: uuid('last_inbound_id'),
    lastInboundAt: time('last_inbound_at'),
    /** The message whose reply is being written. */
    workingId: uuid('working_id'),
    /** When the AI answered, the latest first. */
    answers: timestamp('answers', { withTimezone: true, precision: 3 }).array().notNull().default(sql`'{}'`),
    /** When it gave the chat to people: until conversation knows, it stays silent. */
    handedOffAt: time('handed_off_at'),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.conversationId] }), index('conversation_turns_age').on(t.updatedAt)],
);

/** Plan and time zone of tenants: the plan caps the token budget. */
export const tenants = tenantsTable(schema);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);

/** Works through due replies. */
export const { jobs } = jobsTables(schema);
