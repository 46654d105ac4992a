import type { Permission } from '@recado/contracts';
import { foreignKey, index, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { bytea, schema, time } from './base.ts';
import { tenants } from './tenants.ts';

/** Keys of machines by their SHA-256; the keys themselves are never stored. */
export const apiKeys = schema.table(
  'api_keys',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    keyHash: bytea('key_hash').notNull(),
    prefix: text('prefix').notNull(),
    permissions: text('permissions').array().$type<Permission[]>().notNull(),
    /** Null when another key made it. The key outlives its maker. */
    createdBy: uuid('created_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at'),
    /** To the minute. */
    lastUsedAt: time('last_used_at'),
    lastUsedIp: text('last_used_ip'),
    revokedAt: time('revoked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId], foreignColumns: [tenants.tenantId] }).onDelete('cascade'),
    uniqueIndex('api_keys_hash_key').on(t.tenantId, t.keyHash),
    index('api_keys_created_idx').on(t.tenantId, t.createdAt, t.id),
  ],
);
