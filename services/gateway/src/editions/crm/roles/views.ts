import { type CustomRole, permissionsOf, ROLES } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { builtIn } from '../users/views.ts';
import type * as schemas from './schemas.ts';

export const builtInRoles = (): View<typeof schemas.roleDetail>[] =>
  ROLES.map((role) => ({
    ...builtIn(role),
    base_role: role,
    is_built_in: true,
    permissions: permissionsOf(role),
    users_count: null,
    created_at: null,
    updated_at: null,
  }));

export const customRoleView = (role: CustomRole): View<typeof schemas.roleDetail> => ({
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
