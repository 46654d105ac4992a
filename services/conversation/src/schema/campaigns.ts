import type { Campaign } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** A routing queue: numbers, agents, hours. A removed one stays: old chats show its name. */
export const campaigns = schema.table(
  'campaigns',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    code: text('code').notNull(),
    description: text('description'),
    status: text('status').$type<Campaign['status']>().notNull(),
    /** Of two campaigns that share an agent, the higher goes first. */
    priority: integer('priority').notNull(),
    /** Null: always open. */
    businessHours: jsonb('business_hours').$type<Campaign['businessHours']>(),
    timezone: text('timezone').notNull(),
    holidays: jsonb('holidays').$type<Campaign['holidays']>().notNull().default([]),
    slaFirstResponseSeconds: integer('sla_first_response_seconds'),
    slaResolutionSeconds: integer('sla_resolution_seconds'),
    slaNextResponseSeconds: integer('sla_next_response_seconds'),
    /** Of a target, when it is warned of; null: never. */
    slaWarnPercent: integer('sla_warn_percent').default(80),
    /** Its clocks stand still outside the business hours. */
    clocksInHours: boolean('clocks_in_hours').notNull().default(true),
    /** Seconds that a customer waits for their agent; then the chat is handed on. */
    silenceSeconds: integer('silence_seconds'),
    silenceAction: text('silence_action').$type<Campaign['silenceAction']>().notNull().default('agent'),
    /** The AI answers first; people come when it hands over or stays silent. */
    botEnabled: boolean('bot_enabled').notNull().default(false),
    botWaitSeconds: integer('bot_wait_seconds').notNull().default(60),
    routingStrategy: text('routing_strategy').$type<Campaign['routingStrategy']>().notNull(),
    stickyAgent: boolean('sticky_agent').notNull().default(false),
    reassignOffline: boolean('reassign_offline').notNull().default(true),
    reassignPaused: boolean('reassign_paused').notNull().default(false),
    reassignFull: boolean('reassign_full').notNull().default(true),
    welcomeMessage: text('welcome_message'),
    offlineMessage: text('offline_message'),
    /** With `{{position}}`; null: the customer is not told. */
    queueMessage: text('queue_message'),
    /** When the ordered timer wakes the queue; it is ordered once. */
    wakeAt: time('wake_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    deletedAt: time('deleted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('campaigns_code').on(t.tenantId, sql`lower(${t.code})`).where(sql`${t.deletedAt} is null`),
  ],
);

/** A number is in one campaign at most: its new chats go there. */
export const campaignNumbers = schema.table(
  'campaign_numbers',
  {
    tenantId: tenantId(),
    channelId: uuid('channel_id').notNull(),
    campaignId: uuid('campaign_id').notNull(),
    isPrimary: boolean('is_primary').notNull().default(false),
    /** As they were given. */
    position: integer('position').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.channelId] }),
    index('campaign_numbers_of').on(t.tenantId, t.campaignId),
  ],
);

export const campaignAgents = schema.table(
  'campaign_agents',
  {
    tenantId: tenantId(),
    campaignId: uuid('campaign_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** Null: the user's own limit. */
    maxChats: integer('max_chats'),
    priority: integer('priority').notNull().default(0),
    skills: text('skills').array().notNull().default([]),
    /** Order of the last chat given by this campaign: the lowest is next in turn. */
    turn: integer('turn').notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.campaignId, t.userId] }),
    index('campaign_agents_user').on(t.tenantId, t.userId),
  ],
);

/** What routing knows of users, from identity's events. The latest of each part wins. */
export const agents = schema.table(
  'agents',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    agentStatus: text('agent_status').notNull(),
    /** Time and id of the event the presence was learned from. */
    presenceAt: time('presence_at').notNull(),
    presenceId: uuid('presence_id').notNull(),
    /** identity's, or `removed`. */
    status: text('status').notNull(),
    maxChats: integer('max_chats').notNull(),
    autoAssign: boolean('auto_assign').notNull(),
    /** Of the event that these three were learned from. */
    settingsAt: time('settings_at').notNull(),
    settingsId: uuid('settings_id').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** What a conversation in a campaign was told, each once. */
export const conversationRoutes = schema.table(
  'conversation_routes',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    welcomedAt: time('welcomed_at'),
    offlineAt: time('offline_at'),
    positionAt: time('position_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.conversationId] })],
);
