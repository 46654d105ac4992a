import type { CustomRole } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { roles } from '../schema.ts';
import { knownPermissions } from './permissions.ts';

const plainColumns = columns(roles, { alias: 'roles', except: ['tenantId'] });
export type RoleRow = typeof plainColumns.$row & { userCount: number };

const roleColumns = (tx: Tx) => tx`
  ${plainColumns(tx)},
  (select count(*)::int from users u
   where u.tenant_id = roles.tenant_id and u.custom_role_id = roles.id and u.deleted_at is null) as "userCount"`;

export const selectRole = (tx: Tx, tenantId: string, id: string | null) =>
  tx<RoleRow[]>`select ${roleColumns(tx)} from roles where tenant_id = ${tenantId} and id = ${id}`;

/** @throws NotFound `role` */
export async function getRole(tx: Tx, tenantId: string, id: string): Promise<RoleRow> {
  const [row] = await selectRole(tx, tenantId, id);
  if (!row) throw new NotFound('role', id);
  return row;
}

/** All of them: a tenant has 50 at most. */
export const selectRoles = (tx: Tx, tenantId: string) =>
  tx<RoleRow[]>`select ${roleColumns(tx)} from roles where tenant_id = ${tenantId} order by name`;

export const countRoles = (tx: Tx, tenantId: string) =>
  tx<{ count: number }[]>`select count(*)::int as count from roles where tenant_id = ${tenantId}`;

/** Inserts a role unless the tenant has one of that name: then null. */
export async function insertRole(
  tx: Tx,
  tenantId: string,
  role: Pick<RoleRow, 'id' | 'name' | 'displayName' | 'baseRole' | 'permissions'>,
): Promise<RoleRow | null> {
  const [row] = await tx<RoleRow[]>`
    insert into roles (tenant_id, id, name, display_name, base_role, permissions)
    values (${tenantId}, ${role.id}, ${role.name}, ${role.displayName}, ${role.baseRole}, ${role.permissions}::text[])
    on conflict (tenant_id, name) do nothing
    returning ${roleColumns(tx)}`;
  return row ?? null;
}

export async function patchRole(
  tx: Tx,
  tenantId: string,
  id: string,
  { displayName, permissions }: Pick<RoleRow, 'displayName' | 'permissions'>,
): Promise<RoleRow> {
  const [row] = await tx<RoleRow[]>`
    update roles set display_name = ${displayName}, permissions = ${permissions}::text[], updated_at = now()
    where tenant_id = ${tenantId} and id = ${id} returning ${roleColumns(tx)}`;
  return row!;
}

export const deleteRoleRow = (tx: Tx, tenantId: string, id: string) =>
  tx`delete from roles where tenant_id = ${tenantId} and id = ${id}`;

export const selectHolders = (tx: Tx, tenantId: string, id: string) =>
  tx<{ id: string }[]>`
    select id from users where tenant_id = ${tenantId} and custom_role_id = ${id} and deleted_at is null`;

/** The role as the internal API shows it. */
export function roleView(row: RoleRow): CustomRole {
  const { createdAt, updatedAt, permissions, ...rest } = row;
  return {
    ...rest,
    permissions: knownPermissions(permissions),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
