import type { PlanName } from '@recado/contracts';
import { index, type PgSchema, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/**
 * What a service that does not own tenants keeps of them (known-tenants.ts): `export const tenants
 * = tenantsTable(schema);`
 */
export function tenantsTable<Name extends string>(schema: PgSchema<Name>) {
  return schema.table('tenants', {
    tenantId: uuid('tenant_id').primaryKey(),
    plan: text('plan').$type<PlanName>().notNull(),
    /** IANA name: decides where a day and a month begin. */
    timezone: text('timezone').notNull(),
    /** ISO 3166 alpha-2; null: that of the time zone. */
    country: text('country'),
    /** Time of the source event or answer. The latest wins, in any order of arrival. */
    changedAt: timestamp('changed_at', { withTimezone: true, precision: 3 }).notNull(),
  });
}

/**
 * What a service that does not own users keeps of them (known-users.ts): `export const users =
 * usersTable(schema);`
 */
export function usersTable<Name extends string>(schema: PgSchema<Name>) {
  return schema.table(
    'users',
    {
      tenantId: uuid('tenant_id').notNull(),
      id: uuid('id').notNull(),
      /** Built in; the base role of a custom one. */
      role: text('role').notNull(),
      /** identity's, or `removed`. */
      status: text('status').notNull(),
      /** Time and id of the event it was learned from: the latest wins, in any order. */
      changedAt: timestamp('changed_at', { withTimezone: true, precision: 3 }).notNull(),
      changeId: uuid('change_id').notNull(),
    },
    (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
  );
}

/**
 * Answers of calls with an Idempotency-Key (call-keys.ts), kept 72 hours and written in the call's
 * transaction: `export const callKeys = callKeysTable(schema);`
 */
export function callKeysTable<Name extends string>(schema: PgSchema<Name>) {
  return schema.table(
    'call_keys',
    {
      tenantId: uuid('tenant_id').notNull(),
      /** Digest of the route and the key: the key itself opens the answer. */
      key: text('key').notNull(),
      /** Digest of what was asked. */
      request: text('request').notNull(),
      /** JSON, sealed under the key: answers hold names, phones and sometimes secrets. */
      answer: text('answer'),
      createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
    },
    (t) => [primaryKey({ columns: [t.tenantId, t.key] }), index('call_keys_age').using('brin', t.createdAt)],
  );
}

export type CallKeyRow = ReturnType<typeof callKeysTable<string>>['$inferSelect'];
