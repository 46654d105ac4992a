import { isoTime, PERMISSION_NAMES, ROLES, slug, text, uuid } from '@recado/contracts';
import { z } from 'zod';

export const permissions = z.array(z.enum(PERMISSION_NAMES)).max(200);

export const roleDetail = z
  .object({
    id: z.string().describe('El nombre de un rol predefinido, o el id de uno propio'),
    name: z.string(),
    display_name: z.string(),
    base_role: z.enum(ROLES),
    is_built_in: z.boolean(),
    permissions: z.array(z.string()),
    users_count: z.number().int().nullable().describe('De los roles propios'),
    created_at: isoTime().nullable(),
    updated_at: isoTime().nullable(),
  })
  .meta({ id: 'RoleDetail' });

export const rolesAnswer = z.object({
  data: z.array(roleDetail),
  meta: z.object({ available_permissions: z.array(z.string()) }),
});

/** Built-in roles are accepted here too, for the error that they cannot change. */
export const roleParams = z.strictObject({ id: z.union([z.enum(ROLES), uuid()]) });

export const createRoleBody = z.strictObject({
  name: slug(),
  display_name: text(80),
  base_role: z.enum(ROLES).default('agent').describe('Cómo se nombra a sus usuarios donde solo hay tres roles'),
  permissions,
});

export const updateRoleBody = z.strictObject({
  display_name: text(80).optional(),
  permissions: permissions.optional(),
});
