import { PERMISSION_NAMES, ROLES } from '@recado/contracts';
import { Conflict } from '@recado/service-kit';
import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { apiKeyView, builtInRoles, customRoleView } from '../account-views.ts';
import { idParams, paged } from '../schemas/common.ts';
import {
  apiKey,
  apiKeysQuery,
  createApiKeyBody,
  createdApiKey,
  createRoleBody,
  roleDetail,
  roleParams,
  rolesAnswer,
  updateRoleBody,
} from '../schemas/roles.ts';
import { pageMeta } from '../views.ts';

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

export const apiKeyRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api-keys',
    tag: 'API Keys',
    summary: 'Listar claves de API',
    auth: 'bearer',
    permission: 'api_keys.manage',
    query: apiKeysQuery,
    responses: { 200: paged(apiKey) },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.identity.listApiKeys({ query }, call);
      return { data: list.items.map(apiKeyView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api-keys',
    tag: 'API Keys',
    summary: 'Crear clave de API',
    description: 'Para programas: se usa como token, con los permisos que lleva. La clave se muestra solo esta vez.',
    auth: 'bearer',
    permission: 'api_keys.manage',
    person: true,
    cache: 'none',
    idempotent: 'owner',
    body: createApiKeyBody,
    responses: { 201: createdApiKey },
    handle: async ({ body, deps, call }) => {
      const { name, permissions, expires_at: expiresAt } = body;
      const made = await deps.clients.identity.createApiKey({ body: { name, permissions, expiresAt } }, call);
      return { ...apiKeyView(made.apiKey), key: made.key };
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/api-keys/:id',
    tag: 'API Keys',
    summary: 'Revocar clave de API',
    auth: 'bearer',
    permission: 'api_keys.manage',
    entity: 'api_key',
    params: idParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.identity.revokeApiKey({ params: { apiKeyId: params.id } }, call),
  }),
];
