import type { Edition } from '@recado/contracts';
import { isNotNull } from 'drizzle-orm';
import { foreignKey, index, integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, schema, time } from './base.ts';
import { users } from './users.ts';

/** One per login. Its id is the `sid` of access tokens and the family of refresh tokens. */
export const sessions = schema.table(
  'sessions',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    userId: uuid('user_id').notNull(),
    edition: text('edition').$type<Edition>().notNull(),
    ip: text('ip'),
    userAgent: text('user_agent'),
    createdAt: time('created_at').notNull().defaultNow(),
    lastUsedAt: time('last_used_at').notNull().defaultNow(),
    /** When the last token of the session, access or refresh, is dead by itself. */
    expiresAt: time('expires_at').notNull(),
    revokedAt: time('revoked_at'),
    revokeReason: text('revoke_reason'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('sessions_user_idx').on(t.tenantId, t.userId, t.expiresAt),
    index('sessions_revoked_idx').on(t.revokedAt).where(isNotNull(t.revokedAt)),
  ],
);

/** Refresh tokens by their SHA-256; the tokens themselves are never stored. */
export const refreshTokens = schema.table(
  'refresh_tokens',
  {
    tenantId: uuid('tenant_id').notNull(),
    tokenHash: bytea('token_hash').notNull(),
    sessionId: uuid('session_id').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
    usedAt: time('used_at'),
    /**
     * With the used token itself this gives its successor again; without the token it gives
     * nothing.
     */
    successorSalt: bytea('successor_salt'),
    successorHash: bytea('successor_hash'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.tokenHash] }),
    foreignKey({ columns: [t.tenantId, t.sessionId], foreignColumns: [sessions.tenantId, sessions.id] }).onDelete(
      'cascade',
    ),
    index('refresh_tokens_session_idx').on(t.tenantId, t.sessionId),
  ],
);

/**
 * Log-ins whose password was right and whose second factor is awaited, by the SHA-256 of their
 * token.
 */
export const loginChallenges = schema.table(
  'login_challenges',
  {
    tenantId: uuid('tenant_id').notNull(),
    tokenHash: bytea('token_hash').notNull(),
    userId: uuid('user_id').notNull(),
    edition: text('edition').$type<Edition>().notNull(),
    tries: integer('tries').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
    expiresAt: time('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.tokenHash] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('login_challenges_user_idx').on(t.tenantId, t.userId, t.createdAt),
  ],
);

/**
 * Devices a user logged in from, by hashes of what they are recognised by: each has its own budget
 * of wrong passwords.
 */
export const knownDevices = schema.table(
  'known_devices',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    mark: text('mark').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    lastUsedAt: time('last_used_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId, t.mark] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
  ],
);
