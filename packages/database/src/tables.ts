import { type PgSchema, text, timestamp, uuid } from 'drizzle-orm/pg-core';

/** What a service that does not own tenants keeps of them (known-tenants.ts): `export const tenants = tenantsTable(schema);` */
export function tenantsTable<Name extends string>(schema: PgSchema<Name>) {
  return schema.table('tenants', {
    tenantId: uuid('tenant_id').primaryKey(),
    plan: text('plan').notNull(),
    /** IANA name: decides where a day and a month begin. */
    timezone: text('timezone').notNull(),
    /** Time of what it was learned from: the latest wins, whatever arrives first. */
    changedAt: timestamp('changed_at', { withTimezone: true, precision: 3 }).notNull(),
  });
}
