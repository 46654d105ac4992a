import type { User as UserView } from '@recado/contracts';
import { columns, type Database, holdsText, readTenant, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { permissionsFor } from '../roles/permissions.ts';
import { type roles, users } from '../schema.ts';

/** The password's hash is read by the log-in's look-up alone. */
const plainColumns = columns(users, {
  alias: 'users',
  only: [
    'tenantId',
    'id',
    'firstName',
    'lastName',
    'role',
    'status',
    'phone',
    'avatarUrl',
    'agentStatus',
    'agentStatusReason',
    'agentStatusAt',
    'maxConcurrentChats',
    'autoAssign',
    'lastLoginAt',
    'createdAt',
    'updatedAt',
  ],
});

export type UserRow = typeof plainColumns.$row & {
  /** Its own, or the one it claims. */
  email: string;
  customRole: Pick<typeof roles.$inferSelect, 'id' | 'name' | 'displayName' | 'permissions'> | null;
  twoFactor: boolean;
};

type User = typeof users.$inferSelect;
export interface NewUser
  extends Pick<
    User,
    | 'id'
    | 'email'
    | 'passwordHash'
    | 'firstName'
    | 'lastName'
    | 'role'
    | 'status'
    | 'phone'
    | 'maxConcurrentChats'
    | 'autoAssign'
  > {
  /** The address is claimed only: it stays free until this user proves it. */
  claims?: boolean;
  customRoleId?: string | null;
}

/** What a change may set, by column. */
export interface UserPatch {
  email?: string;
  password_hash?: string;
  first_name?: string;
  last_name?: string;
  phone?: string | null;
  avatar_url?: string | null;
  role?: User['role'];
  custom_role_id?: string | null;
  status?: User['status'];
  max_concurrent_chats?: number;
  auto_assign?: boolean;
}

export interface UserFilter {
  ids?: string[] | undefined;
  role?: User['role'] | undefined;
  customRoleId?: string | undefined;
  status?: User['status'] | undefined;
  agentStatus?: User['agentStatus'] | undefined;
  search?: string | undefined;
}

// The role comes along by a sub-select and not by a join, so that the same columns serve
// `returning`.
export const userColumns = (tx: Tx) => tx`
  ${plainColumns(tx)}, coalesce(users.claimed_email, users.email) as email, users.two_factor_at is not null as "twoFactor",
  (select json_build_object('id', r.id, 'name', r.name, 'displayName', r.display_name, 'permissions', r.permissions)
   from roles r where r.tenant_id = users.tenant_id and r.id = users.custom_role_id) as "customRole"`;

/** Replaces an unproved address: unique, and a domain that RFC 2606 reserves. */
const placeholderOf = (userId: string): string => `${userId}@unproved.invalid`;

/** Inserts a user unless the login e-mail is taken, in this tenant or another: then null. */
export async function insertUser(tx: Tx, tenantId: string, user: NewUser): Promise<UserRow | null> {
  const [row] = await tx<UserRow[]>`
    insert into users (tenant_id, id, email, claimed_email, password_hash, first_name, last_name, role, custom_role_id, status, phone,
                       max_concurrent_chats, auto_assign)
    values (${tenantId}, ${user.id}, ${user.claims ? placeholderOf(user.id) : user.email},
            ${user.claims ? user.email : null}, ${user.passwordHash}, ${user.firstName}, ${user.lastName},
            ${user.role}, ${user.customRoleId ?? null}, ${user.status}, ${user.phone}, ${user.maxConcurrentChats},
            ${user.autoAssign})
    on conflict (email) where deleted_at is null do nothing
    returning ${userColumns(tx)}`;
  return row ?? null;
}

/** One user who was not removed. */
export const selectUser = (tx: Tx, tenantId: string, id: string) =>
  tx<UserRow[]>`
    select ${userColumns(tx)} from users where tenant_id = ${tenantId} and id = ${id} and deleted_at is null`;

/** @throws NotFound, also for a user who was removed */
export async function getUser(db: Database, tenantId: string, id: string): Promise<UserRow> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectUser(tx, tenantId, id)]);
  if (!row) throw new NotFound('user', id);
  return row;
}

/** The login e-mail of a user of the transaction's tenant. */
export async function getUserEmail(tx: Tx, tenantId: string, id: string): Promise<string> {
  const [row] = await tx<{ email: string }[]>`select email from users where tenant_id = ${tenantId} and id = ${id}`;
  return row!.email;
}

/**
 * Locks a user until the transaction ends: changes take turns, and so do log-ins with them
 * (sessions/login.ts). Null when the tenant has no such user.
 */
export async function lockUser(tx: Tx, tenantId: string, id: string): Promise<UserRow | null> {
  const [row] = await tx<UserRow[]>`
    select ${userColumns(tx)} from users
    where tenant_id = ${tenantId} and id = ${id} and deleted_at is null for no key update of users`;
  return row ?? null;
}

/** @throws a unique violation of `users_email_key` when another user has the e-mail */
export async function patchUser(tx: Tx, tenantId: string, id: string, patch: UserPatch): Promise<UserRow> {
  const [row] = await tx<UserRow[]>`
    update users set ${tx({ ...patch, updated_at: new Date() })} where tenant_id = ${tenantId} and id = ${id}
    returning ${userColumns(tx)}`;
  return row!;
}

/**
 * Takes a user out of every list. The row stays for history; what could open a door (password,
 * second factor, pending log-ins) goes.
 */
export async function markUserDeleted(tx: Tx, tenantId: string, id: string): Promise<void> {
  await Promise.all([
    tx`update users
       set deleted_at = now(), updated_at = now(), status = 'inactive', custom_role_id = null, two_factor_at = null,
           password_hash = ''
       where tenant_id = ${tenantId} and id = ${id}`,
    tx`delete from two_factors where tenant_id = ${tenantId} and user_id = ${id}`,
    tx`delete from login_challenges where tenant_id = ${tenantId} and user_id = ${id}`,
  ]);
}

/** How many users the tenant has, in any status: each may be switched on again. */
export const countUsers = (tx: Tx, tenantId: string) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from users where tenant_id = ${tenantId} and deleted_at is null`;

/**
 * Other users than this one who can do everything there is: active admins with the built-in role.
 */
export async function countOtherAdmins(tx: Tx, tenantId: string, userId: string): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from users
    where tenant_id = ${tenantId} and id <> ${userId} and deleted_at is null
      and role = 'admin' and custom_role_id is null and status = 'active'`;
  return row!.count;
}

export const selectUsers = (
  tx: Tx,
  tenantId: string,
  filter: UserFilter,
  { after, limit, offset }: Slice<{ at: string; id: string }>,
) =>
  tx<UserRow[]>`
    select ${userColumns(tx)} from users where ${matching(tx, tenantId, filter)}
      ${after ? tx`and (created_at, id) > (${after.at}::timestamptz, ${after.id}::uuid)` : tx``}
    order by created_at, id limit ${limit} offset ${offset}`;

export const countMatchingUsers = (tx: Tx, tenantId: string, filter: UserFilter) =>
  tx<{ count: number }[]>`select count(*)::int as count from users where ${matching(tx, tenantId, filter)}`;

/**
 * The search reads the tenant's users by users_tenant_created_idx. A trigram index is not used: row
 * level security checks the policy first, because `~~*` is not leakproof.
 */
function matching(tx: Tx, tenantId: string, filter: UserFilter) {
  const { ids, role, customRoleId, status, agentStatus, search } = filter;
  // % and _ are what the person typed, not patterns.
  const like = search ? `%${search.replace(/[\\%_]/g, '\\$&')}%` : '';
  // With ids, removed users are included: history keeps their names.
  return tx`tenant_id = ${tenantId}
    ${ids ? tx`and id = any(${ids}::uuid[])` : tx`and deleted_at is null`}
    ${role ? tx`and role = ${role}` : tx``}
    ${customRoleId ? tx`and custom_role_id = ${customRoleId}` : tx``}
    ${status ? tx`and status = ${status}` : tx``}
    ${agentStatus ? tx`and agent_status = ${agentStatus}` : tx``}
    ${search ? tx`and (coalesce(claimed_email, email) ilike ${like} or ${holdsText(tx, tx`(first_name || ' ' || last_name)`, search)})` : tx``}`;
}

/** The user as the internal API shows it, with the permissions of its role. */
export function userView(row: UserRow): UserView {
  const { tenantId: _, customRole, agentStatusAt, lastLoginAt, createdAt, updatedAt, ...rest } = row;
  return {
    ...rest,
    customRole: customRole && { id: customRole.id, name: customRole.name, displayName: customRole.displayName },
    permissions: permissionsFor(row),
    agentStatusAt: agentStatusAt?.toISOString() ?? null,
    lastLoginAt: lastLoginAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
