import type { AuditEntry } from '@recado/contracts';
import { messagingTables } from '@recado/messaging/tables';
import { sql } from 'drizzle-orm';
import { bigint, boolean, date, index, jsonb, pgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import type { Metric } from './counts/rules.ts';

export const schema = pgSchema('analytics');

const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
const value = () => bigint('value', { mode: 'number' }).notNull();

/** What analytics knows of a tenant: its time zone decides where a day begins. */
export const tenants = schema.table('tenants', {
  tenantId: uuid('tenant_id').primaryKey(),
  timezone: text('timezone').notNull(),
  /** Time of the source event: the latest wins, in any order of arrival. */
  changedAt: time('changed_at').notNull(),
});

/** Counts by day in the tenant's time zone. */
export const dailyCounts = schema.table(
  'daily_counts',
  {
    tenantId: uuid('tenant_id').notNull(),
    day: date('day').notNull(),
    metric: text('metric').$type<Metric>().notNull(),
    value: value(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.day, t.metric] })],
);

/** Counts by hour in UTC. */
export const hourlyCounts = schema.table(
  'hourly_counts',
  {
    tenantId: uuid('tenant_id').notNull(),
    hour: time('hour').notNull(),
    metric: text('metric').$type<Metric>().notNull(),
    value: value(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.hour, t.metric] })],
);

/** Messages by minute, for "the last hour"; kept three hours. */
export const minuteCounts = schema.table(
  'minute_counts',
  { tenantId: uuid('tenant_id').notNull(), minute: time('minute').notNull(), value: value() },
  (t) => [primaryKey({ columns: [t.tenantId, t.minute] }), index('minute_counts_age').on(t.minute)],
);

/** Which conversations are open: the state of each by its latest event. */
export const conversationStates = schema.table(
  'conversation_states',
  {
    tenantId: uuid('tenant_id').notNull(),
    conversationId: uuid('conversation_id').notNull(),
    open: boolean('open').notNull(),
    changedAt: time('changed_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId] }),
    index('conversation_states_open').on(t.tenantId).where(sql`${t.open}`),
  ],
);

/**
 * Who changed what, in every service. Each documented filter has an index in the order of the list,
 * which reads it backwards.
 */
export const auditLog = schema.table(
  'audit_log',
  {
    tenantId: uuid('tenant_id').notNull(),
    /** The event's. */
    id: uuid('id').notNull(),
    actorKind: text('actor_kind').$type<AuditEntry['actor']['kind']>().notNull(),
    userId: uuid('user_id'),
    apiKeyId: uuid('api_key_id'),
    /** The service that acted on its own account. */
    service: text('service'),
    action: text('action').notNull(),
    entityType: text('entity_type').notNull(),
    entityId: text('entity_id'),
    changes: jsonb('changes').$type<AuditEntry['changes']>(),
    success: boolean('success').notNull(),
    reason: text('reason'),
    ip: text('ip'),
    userAgent: text('user_agent'),
    edition: text('edition').$type<AuditEntry['edition']>(),
    requestId: text('request_id'),
    at: time('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('audit_log_time').on(t.tenantId, t.at, t.id),
    index('audit_log_user').on(t.tenantId, t.userId, t.at, t.id).where(sql`${t.userId} is not null`),
    index('audit_log_action').on(t.tenantId, t.action, t.at, t.id),
    index('audit_log_type').on(t.tenantId, t.entityType, t.at, t.id),
    index('audit_log_entity').on(t.tenantId, t.entityId, t.at, t.id).where(sql`${t.entityId} is not null`),
    index('audit_log_failures').on(t.tenantId, t.at, t.id).where(sql`not ${t.success}`),
    // For pruning only; costs next to nothing on insert.
    index('audit_log_age').using('brin', t.at),
  ],
);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
