import type { PlanName, Tenant } from '@recado/contracts';
import { isNotNull } from 'drizzle-orm';
import { index, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytea, schema, time } from './base.ts';

/**
 * Companies. The key column is `tenant_id`, so that row level security covers this table like the
 * others.
 */
export const tenants = schema.table(
  'tenants',
  {
    tenantId: uuid('tenant_id').primaryKey(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    /** The company's own address, where an edition asks for one. */
    email: text('email'),
    plan: text('plan').$type<PlanName>().notNull(),
    status: text('status').$type<Tenant['status']>().notNull().default('active'),
    timezone: text('timezone').notNull().default('America/Lima'),
    /** ISO 3166 alpha-2; null: that of the time zone. */
    country: text('country'),
    language: text('language').notNull().default('es'),
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
    /**
     * Until when the e-mail of its registration must be proved, else the tenant is removed; null:
     * proved.
     */
    unprovedUntil: time('unproved_until'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex('tenants_slug_key').on(t.slug),
    index('tenants_unproved_idx').on(t.unprovedUntil).where(isNotNull(t.unprovedUntil)),
  ],
);

/**
 * Invitations to register, by the SHA-256 of their code. Each names the id of the tenant that it
 * will make.
 */
export const invitations = schema.table(
  'invitations',
  {
    tenantId: uuid('tenant_id').notNull(),
    codeHash: bytea('code_hash').notNull(),
    /** Lower case. No other address may use the code. */
    email: text('email').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.codeHash] })],
);
