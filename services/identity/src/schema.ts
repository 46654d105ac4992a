import { messagingTables } from '@recado/messaging/tables';
import { isNotNull } from 'drizzle-orm';
import {
  boolean,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

export const schema = pgSchema('identity');

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
/** Milliseconds, as JSON shows them: a time read back equals the time written. */
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** Companies. The key column is `tenant_id`, so that row level security covers this table like the others. */
export const tenants = schema.table(
  'tenants',
  {
    tenantId: uuid('tenant_id').primaryKey(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    plan: text('plan').notNull(),
    status: text('status').notNull().default('active'),
    timezone: text('timezone').notNull().default('America/Lima'),
    language: text('language').notNull().default('es'),
    settings: jsonb('settings').notNull().default({}),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('tenants_slug_key').on(t.slug)],
);

export const users = schema.table(
  'users',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    /** Lower case. A login e-mail belongs to one tenant: logging in names no tenant. */
    email: text('email').notNull(),
    passwordHash: text('password_hash').notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    role: text('role').notNull(),
    status: text('status').notNull().default('active'),
    phone: text('phone'),
    avatarUrl: text('avatar_url'),
    agentStatus: text('agent_status').notNull().default('offline'),
    maxConcurrentChats: integer('max_concurrent_chats').notNull().default(5),
    autoAssign: boolean('auto_assign').notNull().default(true),
    lastLoginAt: time('last_login_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId], foreignColumns: [tenants.tenantId] }).onDelete('cascade'),
    uniqueIndex('users_email_key').on(t.email),
    index('users_tenant_created_idx').on(t.tenantId, t.createdAt, t.id),
  ],
);

/** One per login. Its id is the `sid` of access tokens and the family of refresh tokens. */
export const sessions = schema.table(
  'sessions',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    userId: uuid('user_id').notNull(),
    edition: text('edition').notNull(),
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
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.tokenHash] }),
    foreignKey({ columns: [t.tenantId, t.sessionId], foreignColumns: [sessions.tenantId, sessions.id] }).onDelete(
      'cascade',
    ),
    index('refresh_tokens_session_idx').on(t.tenantId, t.sessionId),
  ],
);

export const { outbox, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
