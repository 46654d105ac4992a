import {
  type AgentStatusChange,
  type ApiKey,
  type AuditRecord,
  type CustomRole,
  type Notification,
  permissionsOf,
  ROLES,
  type Role,
  type Session,
  type User,
} from '@recado/contracts';
import type { z } from 'zod';
import { spanish } from '../../languages/es.ts';
import type * as audit from './schemas/audit.ts';
import type * as auth from './schemas/auth.ts';
import type * as notifications from './schemas/notifications.ts';
import type * as roles from './schemas/roles.ts';
import type * as users from './schemas/users.ts';
import { personView } from './views.ts';
import { actionView, entityTypeView, fieldView } from './vocabulary.ts';

type View<S extends z.ZodType> = z.input<S>;

const ROLE_NAMES: Record<Role, string> = { admin: 'Administrador', supervisor: 'Supervisor', agent: 'Agente' };

const builtIn = (role: Role): View<typeof users.role> => ({ id: role, name: role, display_name: ROLE_NAMES[role] });

/** A tenant's own role goes before the built-in one it stands on. */
export const roleView = ({ role, customRole }: Pick<User, 'role' | 'customRole'>): View<typeof users.role> =>
  customRole ? { id: customRole.id, name: customRole.name, display_name: customRole.displayName } : builtIn(role);

export const tokensView = ({ accessToken, refreshToken, expiresIn }: Session): View<typeof auth.tokens> => ({
  access_token: accessToken,
  // This edition's sessions always have one.
  refresh_token: refreshToken ?? '',
  expires_in: expiresIn,
});

export const sessionView = (session: Session): View<typeof auth.session> => ({
  ...tokensView(session),
  user: {
    id: session.user.id,
    email: session.user.email,
    first_name: session.user.firstName,
    last_name: session.user.lastName,
    role: roleView(session.user),
    permissions: session.user.permissions,
  },
});

export const userView = (user: User): View<typeof users.user> => ({
  id: user.id,
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  phone: user.phone,
  avatar_url: user.avatarUrl,
  role: roleView(user),
  status: user.status,
  agent_status: user.agentStatus,
  max_concurrent_chats: user.maxConcurrentChats,
  created_at: user.createdAt,
  last_login_at: user.lastLoginAt,
});

/** Null: not done yet (not-done.ts). */
export const userDetailView = (user: User): View<typeof users.userDetail> => ({
  ...userView(user),
  agent_status_reason: user.agentStatusReason,
  auto_assign_enabled: user.autoAssign,
  campaigns: null,
  permissions: user.permissions,
  two_factor_enabled: user.twoFactor,
  updated_at: user.updatedAt,
});

export const agentStatusView = (user: User): View<typeof users.agentStatusAnswer> => ({
  id: user.id,
  agent_status: user.agentStatus,
  agent_status_reason: user.agentStatusReason,
  updated_at: user.agentStatusAt ?? user.updatedAt,
});

export const agentStatusChangeView = (
  change: AgentStatusChange,
  people: ReadonlyMap<string, User>,
): View<typeof users.agentStatusChange> => ({
  id: change.id,
  agent_status: change.agentStatus,
  agent_status_reason: change.reason,
  changed_by: change.changedBy ? personView(people.get(change.changedBy)) : null,
  started_at: change.at,
  duration_seconds: change.seconds,
});

export const builtInRoles = (): View<typeof roles.roleDetail>[] =>
  ROLES.map((role) => ({
    ...builtIn(role),
    base_role: role,
    is_built_in: true,
    permissions: permissionsOf(role),
    users_count: null,
    created_at: null,
    updated_at: null,
  }));

export const customRoleView = (role: CustomRole): View<typeof roles.roleDetail> => ({
  id: role.id,
  name: role.name,
  display_name: role.displayName,
  base_role: role.baseRole,
  is_built_in: false,
  permissions: role.permissions,
  users_count: role.userCount,
  created_at: role.createdAt,
  updated_at: role.updatedAt,
});

export const apiKeyView = (key: ApiKey): View<typeof roles.apiKey> => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  permissions: key.permissions,
  expires_at: key.expiresAt,
  last_used_at: key.lastUsedAt,
  last_used_ip: key.lastUsedIp,
  created_by: key.createdBy,
  created_at: key.createdAt,
  revoked_at: key.revokedAt,
});

export const auditLogView = (record: AuditRecord, people: ReadonlyMap<string, User>): View<typeof audit.auditLog> => {
  const { actor, changes } = record;
  return {
    id: record.id,
    user: actor.userId ? personView(people.get(actor.userId)) : null,
    actor: { kind: actor.kind, api_key_id: actor.apiKeyId, service: actor.service },
    action: actionView(record.action),
    entity_type: entityTypeView(record.entityType),
    entity_id: record.entityId,
    changes:
      changes && Object.fromEntries(Object.entries(changes).map(([field, change]) => [fieldView(field), change])),
    ip_address: record.ip,
    user_agent: record.userAgent,
    success: record.success,
    reason: record.reason,
    created_at: record.at,
  };
};

export const notificationView = (notification: Notification): View<typeof notifications.notification> => {
  const { id, kind, type, params, isRead, relatedEntityType, relatedEntityId, createdAt } = notification;
  return {
    id,
    type,
    kind,
    ...spanish.notifications[kind](params),
    is_read: isRead,
    related_entity_type: relatedEntityType && entityTypeView(relatedEntityType),
    related_entity_id: relatedEntityId,
    created_at: createdAt,
  };
};
