import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, primaryKey, uuid } from 'drizzle-orm/pg-core';
import type { Clocks, PassedOver } from '../sla/rules.ts';
import { schema, tenantId, time } from './base.ts';

/** Clocks of conversations: targets of their campaign, silence, rules that wait. */
export const conversationClocks = schema.table(
  'conversation_clocks',
  {
    tenantId: tenantId(),
    conversationId: uuid('conversation_id').notNull(),
    clocks: jsonb('clocks').$type<Clocks>().notNull(),
    /** The one timer of a conversation; null: none is ordered. */
    timerAt: time('timer_at'),
    /** The earliest target that runs and was not missed. */
    dueAt: time('due_at'),
    /** A target that still runs was missed. */
    isBreached: boolean('is_breached').notNull().default(false),
    /** Agents who left the customer waiting: for a while they do not get the chat again. */
    passedOver: jsonb('passed_over').$type<PassedOver[]>().notNull().default([]),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId] }),
    index('conversation_clocks_due').on(t.tenantId, t.conversationId).where(sql`${t.dueAt} is not null`),
    index('conversation_clocks_breached').on(t.tenantId, t.conversationId).where(sql`${t.isBreached}`),
    index('conversation_clocks_passed').on(t.tenantId, t.conversationId).where(sql`${t.passedOver} <> '[]'`),
  ],
);
