import type { AgentStatusChange, conversationApi, Role, RouteOutput, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { personView } from '../common/views.ts';
import type * as schemas from './schemas.ts';

/** With the user's priority in each. */
export type UserCampaigns = RouteOutput<typeof conversationApi.listUserCampaigns>['items'];

const ROLE_NAMES: Record<Role, string> = { admin: 'Administrador', supervisor: 'Supervisor', agent: 'Agente' };

export const builtIn = (role: Role): View<typeof schemas.role> => ({
  id: role,
  name: role,
  display_name: ROLE_NAMES[role],
});

/** A tenant's own role goes before the built-in one it stands on. */
export const roleView = ({ role, customRole }: Pick<User, 'role' | 'customRole'>): View<typeof schemas.role> =>
  customRole ? { id: customRole.id, name: customRole.name, display_name: customRole.displayName } : builtIn(role);

export const userView = (user: User): View<typeof schemas.user> => ({
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

export const userDetailView = (user: User, campaigns: UserCampaigns): View<typeof schemas.userDetail> => ({
  ...userView(user),
  agent_status_reason: user.agentStatusReason,
  auto_assign_enabled: user.autoAssign,
  campaigns: campaigns.map(({ id, name, priority }) => ({ id, name, priority })),
  permissions: user.permissions,
  two_factor_enabled: user.twoFactor,
  updated_at: user.updatedAt,
});

export const agentStatusView = (user: User): View<typeof schemas.agentStatusAnswer> => ({
  id: user.id,
  agent_status: user.agentStatus,
  agent_status_reason: user.agentStatusReason,
  updated_at: user.agentStatusAt ?? user.updatedAt,
});

export const agentStatusChangeView = (
  change: AgentStatusChange,
  people: ReadonlyMap<string, User>,
): View<typeof schemas.agentStatusChange> => ({
  id: change.id,
  agent_status: change.agentStatus,
  agent_status_reason: change.reason,
  changed_by: change.changedBy ? personView(people.get(change.changedBy)) : null,
  started_at: change.at,
  duration_seconds: change.seconds,
});
