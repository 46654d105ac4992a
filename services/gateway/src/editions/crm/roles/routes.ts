import { PERMISSION_NAMES, ROLES } from '@recado/contracts';
import { Conflict } from '@recado/service-kit';
import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { createRoleBody, roleDetail, roleParams, rolesAnswer, updateRoleBody } from './schemas.ts';
import { builtInRoles, customRoleView } from './views.ts';

export const roleRoutes = [
  editionRoute({
    method: 'GET',
    path: '/roles',
    tag: 'Roles',
    summary: 'Listar roles',
    description: 'Los predefinidos y los propios.',
    auth: 'bearer',
    permission: 'users.read',
    responses: { 200: rolesAnswer },
    handle: async ({ deps, call }) => {
      const { items } = await deps.clients.identity.listRoles({}, call);
      return {
        data: [...builtInRoles(), ...items.map(customRoleView)],
        meta: { available_permissions: PERMISSION_NAMES },
      };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/roles',
    tag: 'Roles',
    summary: 'Crear rol',
    auth: 'bearer',
    permission: 'roles.manage',
    body: createRoleBody,
    responses: { 201: roleDetail },
    handle: async ({ body, deps, call }) => {
      const { name, display_name: displayName, base_role: baseRole, permissions } = body;
      const input = { name, displayName, baseRole, permissions };
      return customRoleView(await deps.clients.identity.createRole({ body: input }, call));
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/roles/:id',
    tag: 'Roles',
    summary: 'Actualizar rol',
    description: 'Otros permisos cierran las sesiones de quienes tienen el rol.',
    auth: 'bearer',
    permission: 'roles.manage',
    entity: 'role',
    params: roleParams,
    body: updateRoleBody,
    responses: { 200: roleDetail },
    handle: async ({ params, body, deps, call }) => {
      refuseBuiltIn(params.id);
      const { display_name: displayName, permissions } = body;
      return customRoleView(
        await deps.clients.identity.updateRole(
          { params: { roleId: params.id }, body: { displayName, permissions } },
          call,
        ),
      );
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/roles/:id',
    tag: 'Roles',
    summary: 'Eliminar rol',
    description: 'Solo uno que nadie tiene.',
    auth: 'bearer',
    permission: 'roles.manage',
    entity: 'role',
    params: roleParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => {
      refuseBuiltIn(params.id);
      return deps.clients.identity.deleteRole({ params: { roleId: params.id } }, call);
    },
  }),
];

/** @throws Conflict: the built-in roles are the same for everyone */
function refuseBuiltIn(id: string): void {
  if ((ROLES as readonly string[]).includes(id)) throw new Conflict('A built-in role stays as it is', 'built_in_role');
}
