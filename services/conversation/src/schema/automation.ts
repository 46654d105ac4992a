import type { RuleAction, RuleCondition, RuleEvent, RuleRun } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** What happens by itself: when, if, then. */
export const rules = schema.table(
  'rules',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    enabled: boolean('enabled').notNull().default(true),
    /** Rules of an event run in this order. */
    position: integer('position').notNull(),
    event: text('event').$type<RuleEvent>().notNull(),
    /** Of `customer.waiting`: seconds without an answer of a person. */
    afterSeconds: integer('after_seconds'),
    /** Null: always. */
    conditions: jsonb('conditions').$type<RuleCondition>(),
    actions: jsonb('actions').$type<RuleAction[]>().notNull(),
    /** After it no later rule of the event runs. */
    stop: boolean('stop').notNull().default(false),
    /** Null for an API key. */
    createdBy: uuid('created_by'),
    /** The API key that wrote it last; null after a user. */
    authorKeyId: uuid('author_key_id'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('rules_order').on(t.tenantId, t.position, t.id),
    index('rules_of_event').on(t.tenantId, t.event).where(sql`${t.enabled}`),
  ],
);

/** Each run of a rule, once for an event. */
export const ruleRuns = schema.table(
  'rule_runs',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    ruleId: uuid('rule_id').notNull(),
    eventId: uuid('event_id').notNull(),
    event: text('event').$type<RuleEvent>().notNull(),
    conversationId: uuid('conversation_id').notNull(),
    status: text('status').$type<RuleRun['status']>().notNull(),
    /** What each action did, in order. */
    actions: jsonb('actions').$type<RuleRun['actions']>().notNull().default([]),
    createdAt: time('created_at').notNull().defaultNow(),
    endedAt: time('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('rule_runs_once').on(t.tenantId, t.ruleId, t.eventId),
    index('rule_runs_of_rule').on(t.tenantId, t.ruleId, t.id),
    index('rule_runs_of_conversation').on(t.tenantId, t.conversationId, t.id),
    index('rule_runs_age').on(t.createdAt),
  ],
);

/** Actions that a person runs by a button. */
export const macros = schema.table(
  'macros',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    /** Whose it is; null: of all. */
    ownerId: uuid('owner_id'),
    actions: jsonb('actions').$type<RuleAction[]>().notNull(),
    /** Null for an API key. */
    createdBy: uuid('created_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index('macros_owner').on(t.tenantId, t.ownerId, t.id)],
);
