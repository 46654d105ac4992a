import type {
  Edition,
  Notification,
  NotificationKind,
  Permission,
  PlanName,
  Role,
  Tenant,
  User,
} from '@recado/contracts';
import { callKeysTable } from '@recado/database/tables';
import { messagingTables } from '@recado/messaging/tables';
import { isNotNull, isNull, sql } from 'drizzle-orm';
import {
  bigint,
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

/** Sets of permissions that tenants made up. */
export const roles = schema.table(
  'roles',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    displayName: text('display_name').notNull(),
    /** The built-in role whose holders lists show these as. */
    baseRole: text('base_role').$type<Role>().notNull(),
    permissions: text('permissions').array().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId], foreignColumns: [tenants.tenantId] }).onDelete('cascade'),
    uniqueIndex('roles_name_key').on(t.tenantId, t.name),
  ],
);

export const users = schema.table(
  'users',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    /** Lower case. A login e-mail belongs to one tenant: logging in names no tenant. */
    email: text('email').notNull(),
    /**
     * The address of an unproved registration. Until it is proved, `email` holds a placeholder: it
     * takes no one's address.
     */
    claimedEmail: text('claimed_email'),
    passwordHash: text('password_hash').notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    /** Built in; the base role of `custom_role_id` when there is one. */
    role: text('role').$type<Role>().notNull(),
    customRoleId: uuid('custom_role_id'),
    status: text('status').$type<User['status']>().notNull().default('active'),
    phone: text('phone'),
    avatarUrl: text('avatar_url'),
    agentStatus: text('agent_status').$type<User['agentStatus']>().notNull().default('offline'),
    agentStatusReason: text('agent_status_reason'),
    /** Since when; null while it was never set. */
    agentStatusAt: time('agent_status_at'),
    maxConcurrentChats: integer('max_concurrent_chats').notNull().default(5),
    autoAssign: boolean('auto_assign').notNull().default(true),
    lastLoginAt: time('last_login_at'),
    /**
     * When the second factor was verified; log-ins ask for it from then on, until it is switched
     * off.
     */
    twoFactorAt: time('two_factor_at'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
    /** Removed: in no list, but history still finds the name by its id. */
    deletedAt: time('deleted_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId], foreignColumns: [tenants.tenantId] }).onDelete('cascade'),
    foreignKey({ columns: [t.tenantId, t.customRoleId], foreignColumns: [roles.tenantId, roles.id] }),
    // Of a removed user it is free again.
    uniqueIndex('users_email_key').on(t.email).where(isNull(t.deletedAt)),
    index('users_claimed_email_idx').on(t.claimedEmail).where(isNotNull(t.claimedEmail)),
    index('users_tenant_created_idx').on(t.tenantId, t.createdAt, t.id),
    index('users_custom_role_idx').on(t.tenantId, t.customRoleId).where(isNotNull(t.customRoleId)),
  ],
);

/** Every presence an agent had. The present one has no end yet. */
export const agentStatusChanges = schema.table(
  'agent_status_changes',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    userId: uuid('user_id').notNull(),
    agentStatus: text('agent_status').$type<User['agentStatus']>().notNull(),
    reason: text('reason'),
    /** Null when no person did it. */
    changedBy: uuid('changed_by'),
    at: time('at').notNull(),
    endedAt: time('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    index('agent_status_changes_user_idx').on(t.tenantId, t.userId, t.at),
    uniqueIndex('agent_status_changes_open_key').on(t.tenantId, t.userId).where(isNull(t.endedAt)),
  ],
);

/** What people are told, one row each, for 90 days. */
export const notifications = schema.table(
  'notifications',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    userId: uuid('user_id').notNull(),
    kind: text('kind').$type<NotificationKind>().notNull(),
    params: jsonb('params').$type<Notification['params']>().notNull(),
    relatedEntityType: text('related_entity_type'),
    relatedEntityId: text('related_entity_id'),
    /** The event it tells of: a repeat makes no second one. */
    sourceEventId: uuid('source_event_id').notNull(),
    readAt: time('read_at'),
    /**
     * Taken off the person's list. The row stays its 90 days, so that a repeat of the event finds
     * it.
     */
    removedAt: time('removed_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    uniqueIndex('notifications_source_key').on(t.tenantId, t.userId, t.sourceEventId),
    index('notifications_user_idx').on(t.tenantId, t.userId, t.createdAt, t.id),
    index('notifications_unread_idx')
      .on(t.tenantId, t.userId)
      .where(sql`${t.readAt} is null and ${t.removedAt} is null`),
    // For pruning.
    index('notifications_age_idx').on(t.tenantId, t.createdAt),
  ],
);

/**
 * What identity last heard of a channel, so that a loss is told from a channel that never was
 * connected.
 */
export const channelStates = schema.table(
  'channel_states',
  {
    tenantId: uuid('tenant_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    /** `unconnected`, `connected` or `lost`. */
    state: text('state').notNull(),
    /** Of the event; what arrives with an earlier time is old news. */
    at: time('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.channelId] })],
);

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

/** What proves the e-mail of a registration: a token, and a code that follows from it. */
export const emailProofs = schema.table(
  'email_proofs',
  {
    tenantId: uuid('tenant_id').notNull(),
    userId: uuid('user_id').notNull(),
    tokenHash: bytea('token_hash').notNull(),
    /**
     * The token under RECADO_SECRETS_KEYS, bound to the tenant; null once it has proved the e-mail.
     */
    sealedToken: text('sealed_token'),
    wrongCodes: integer('wrong_codes').notNull().default(0),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
  ],
);

/** Mails to send. They hold no secret: the text is made when it is sent. */
export const mails = schema.table(
  'mails',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    recipient: text('recipient').notNull(),
    language: text('language').$type<'es' | 'pt'>().notNull(),
    /** Claims, this one included: each is one try at most. */
    tries: integer('tries').notNull().default(0),
    /** Also the end of the lease of who sends it now. */
    nextTryAt: time('next_try_at').notNull().defaultNow(),
    sentAt: time('sent_at'),
    /** Given up. */
    failedAt: time('failed_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId], foreignColumns: [tenants.tenantId] }).onDelete('cascade'),
    index('mails_due_idx').on(t.nextTryAt).where(sql`${t.sentAt} is null and ${t.failedAt} is null`),
    index('mails_recipient_idx').on(t.recipient, t.createdAt),
  ],
);

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

export const callKeys = callKeysTable(schema);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
