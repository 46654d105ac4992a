import { messagingTables } from '@recado/messaging/tables';
import { sql } from 'drizzle-orm';
import { index, jsonb, pgSchema, primaryKey, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core';

export const schema = pgSchema('scheduler');

/** Milliseconds, as events carry them: a time read back equals the time ordered. */
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * One row per (tenant, owner, key): what the latest order or cancellation says, or that it has
 * fired.
 */
export const timers = schema.table(
  'timers',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    /** The service that ordered it. */
    owner: text('owner').notNull(),
    key: text('key').notNull(),
    /** When it is due; of a cancelled one, when it was cancelled. */
    fireAt: time('fire_at').notNull(),
    state: text('state', { enum: ['armed', 'fired', 'cancelled'] }).notNull(),
    firedAt: time('fired_at'),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    /** Time and id of the newest event applied: only newer ones change the row. */
    eventTime: time('event_time').notNull(),
    eventId: uuid('event_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('timers_key').on(t.tenantId, t.owner, t.key),
    // The loop's look at what is due reads this from its start.
    index('timers_due').on(t.fireAt).where(sql`${t.state} = 'armed'`),
    // Which tenants have timers armed, and each one's in order: for fair turns in a flood.
    index('timers_due_of_tenant').on(t.tenantId, t.fireAt).where(sql`${t.state} = 'armed'`),
    index('timers_list').on(t.tenantId, t.fireAt, t.id),
    index('timers_done').on(t.updatedAt).where(sql`${t.state} <> 'armed'`),
  ],
);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
