import { bigint, foreignKey, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, schema, time } from './base.ts';
import { users } from './users.ts';

/** Second factors: pending until `users.two_factor_at` says otherwise. */
export const twoFactors = schema.table(
  'two_factors',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    /** The TOTP secret under RECADO_SECRETS_KEYS, bound to the user. */
    sealedSecret: text('sealed_secret').notNull(),
    /** The latest time step a code was taken of (RFC 6238): none counts twice, nor an older one. */
    lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
    /** When the wrong codes of the last 15 minutes came. */
    wrongAt: time('wrong_at').array().notNull().default([]),
    lockedUntil: time('locked_until'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
  ],
);

/** Backup codes by their hash; a used one is gone. */
export const backupCodes = schema.table(
  'backup_codes',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    codeHash: bytea('code_hash').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId, t.codeHash] }),
    foreignKey({
      columns: [t.tenantId, t.userId],
      foreignColumns: [twoFactors.tenantId, twoFactors.userId],
    }).onDelete('cascade'),
  ],
);
