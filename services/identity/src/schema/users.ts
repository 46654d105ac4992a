import type { Role, User } from '@recado/contracts';
import { isNotNull, isNull } from 'drizzle-orm';
import { boolean, foreignKey, index, integer, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, time } from './base.ts';
import { tenants } from './tenants.ts';

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
     * The address of an unproved registration. Until the proof, `email` holds a placeholder, so the
     * address stays free.
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
