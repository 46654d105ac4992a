import { permissionsOf, type Role, type User } from '@recado/contracts';
import type { Tx } from '@recado/database';

export interface UserRow {
  tenantId: string;
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  role: Role;
  status: User['status'];
  phone: string | null;
  avatarUrl: string | null;
  agentStatus: User['agentStatus'];
  maxConcurrentChats: number;
  autoAssign: boolean;
  lastLoginAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface NewUser {
  id: string;
  email: string;
  passwordHash: string;
  firstName: string;
  lastName: string;
  role: Role;
  status: User['status'];
  phone: string | null;
  maxConcurrentChats: number;
  autoAssign: boolean;
}

export interface UserFilter {
  ids?: string[] | undefined;
  role?: Role | undefined;
  status?: User['status'] | undefined;
  search?: string | undefined;
}

// The password's hash is read by the log-in's look-up alone.
export const userColumns = (tx: Tx) => tx`
  users.tenant_id as "tenantId", users.id, users.email, users.first_name as "firstName", users.last_name as "lastName",
  users.role, users.status, users.phone, users.avatar_url as "avatarUrl", users.agent_status as "agentStatus",
  users.max_concurrent_chats as "maxConcurrentChats", users.auto_assign as "autoAssign",
  users.last_login_at as "lastLoginAt", users.created_at as "createdAt", users.updated_at as "updatedAt"`;

/** Inserts a user unless the login e-mail is taken, in this tenant or another: then null. */
export async function insertUser(tx: Tx, tenantId: string, user: NewUser): Promise<UserRow | null> {
  const [row] = await tx<UserRow[]>`
    insert into users (tenant_id, id, email, password_hash, first_name, last_name, role, status, phone,
                       max_concurrent_chats, auto_assign)
    values (${tenantId}, ${user.id}, ${user.email}, ${user.passwordHash}, ${user.firstName}, ${user.lastName},
            ${user.role}, ${user.status}, ${user.phone}, ${user.maxConcurrentChats}, ${user.autoAssign})
    on conflict (email) do nothing
    returning ${userColumns(tx)}`;
  return row ?? null;
}

export const selectUser = (tx: Tx, tenantId: string, id: string) =>
  tx<UserRow[]>`select ${userColumns(tx)} from users where tenant_id = ${tenantId} and id = ${id}`;

/** How many users the tenant has, whatever their status: each may be switched on again. */
export const countUsers = (tx: Tx, tenantId: string) =>
  tx<{ count: number }[]>`select count(*)::int as count from users where tenant_id = ${tenantId}`;

export const selectUsers = (tx: Tx, tenantId: string, filter: UserFilter, limit: number, offset: number) =>
  tx<UserRow[]>`
    select ${userColumns(tx)} from users where ${matching(tx, tenantId, filter)}
    order by created_at, id limit ${limit} offset ${offset}`;

export const countMatchingUsers = (tx: Tx, tenantId: string, filter: UserFilter) =>
  tx<{ count: number }[]>`select count(*)::int as count from users where ${matching(tx, tenantId, filter)}`;

function matching(tx: Tx, tenantId: string, { ids, role, status, search }: UserFilter) {
  // % and _ are what the person typed, not patterns.
  const like = search ? `%${search.replace(/[\\%_]/g, '\\$&')}%` : '';
  return tx`tenant_id = ${tenantId}
    ${ids ? tx`and id = any(${ids}::uuid[])` : tx``}
    ${role ? tx`and role = ${role}` : tx``}
    ${status ? tx`and status = ${status}` : tx``}
    ${search ? tx`and (email ilike ${like} or first_name || ' ' || last_name ilike ${like})` : tx``}`;
}

/** The user as the internal API shows it, with the permissions of its role. */
export function userView(row: UserRow): User {
  const { tenantId: _, lastLoginAt, createdAt, updatedAt, ...rest } = row;
  return {
    ...rest,
    customRole: null,
    agentStatusReason: null,
    agentStatusAt: null,
    twoFactor: false,
    permissions: permissionsOf(row.role),
    lastLoginAt: lastLoginAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
