import type { User } from '@recado/contracts';
import { Forbidden } from '@recado/service-kit';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { refuseField } from '../../../edge/validation.ts';
import { asGateway } from '../../../hydration/as-gateway.ts';
import { createdBetween } from '../common/dates.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import { FIELD } from '../texts.ts';
import {
  agentStatusAnswer,
  agentStatusBody,
  agentStatusChange,
  agentStatusHistoryQuery,
  createUserBody,
  type RoleChoice,
  updateMeBody,
  updateUserBody,
  user,
  userDetail,
  usersQuery,
} from './schemas.ts';
import { agentStatusChangeView, agentStatusView, userDetailView, userView } from './views.ts';

/** Where these routes spell a field otherwise than the rule. */
const FIELDS = { role: 'role_id', customRoleId: 'role_id', autoAssign: 'auto_assign_enabled' };

export const userRoutes = [
  editionRoute({
    method: 'GET',
    path: '/users',
    tag: 'Users',
    summary: 'Listar usuarios',
    auth: 'bearer',
    permission: 'users.read',
    query: usersQuery,
    responses: { 200: paged(user) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, status, search } = query;
      const role = await roleFilter(deps, call, query.role);
      const list = await deps.clients.identity.listUsers(
        { query: { page, limit, cursor, status, search: search || undefined, ...role } },
        call,
      );
      return { data: list.items.map(userView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/users/me',
    tag: 'Users',
    summary: 'Obtener mi perfil',
    auth: 'bearer',
    person: true,
    responses: { 200: userDetail },
    handle: async ({ deps, call }) => detailOf(deps, call, (await deps.clients.identity.getMe({}, call)).user),
  }),
  editionRoute({
    method: 'PUT',
    path: '/users/me',
    tag: 'Users',
    summary: 'Actualizar mi perfil',
    description: 'Cambia lo que se envía; el resto queda como está.',
    auth: 'bearer',
    person: true,
    body: updateMeBody,
    responses: { 200: userDetail },
    handle: async ({ body, deps, call }) => {
      const { first_name: firstName, last_name: lastName, phone, avatar_url: avatarUrl } = body;
      const changes = { firstName, lastName, phone, avatarUrl };
      return detailOf(deps, call, await deps.clients.identity.updateMe({ body: changes }, call));
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/users/:id',
    tag: 'Users',
    summary: 'Obtener usuario por ID',
    auth: 'bearer',
    permission: 'users.read',
    entity: 'user',
    params: idParams,
    responses: { 200: userDetail },
    handle: async ({ params, deps, call }) =>
      detailOf(deps, call, await deps.clients.identity.getUser({ params: { userId: params.id } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/users',
    tag: 'Users',
    summary: 'Crear usuario',
    auth: 'bearer',
    permission: 'users.create',
    fields: FIELDS,
    body: createUserBody,
    responses: { 201: user },
    handle: async ({ body, deps, call }) => {
      const created = await deps.clients.identity.createUser(
        {
          body: {
            email: body.email,
            password: body.password,
            firstName: body.first_name,
            lastName: body.last_name,
            phone: body.phone,
            ...body.role_id,
            status: body.status,
            maxConcurrentChats: body.max_concurrent_chats,
            autoAssign: body.auto_assign_enabled,
          },
        },
        call,
      );
      return userView(created);
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/users/:id',
    tag: 'Users',
    summary: 'Actualizar usuario',
    description: 'Cambia lo que se envía; el resto queda como está.',
    auth: 'bearer',
    permission: 'users.update',
    entity: 'user',
    fields: FIELDS,
    params: idParams,
    body: updateUserBody,
    responses: { 200: userDetail },
    handle: async ({ params, body, deps, call }) => {
      const changed = await deps.clients.identity.updateUser(
        {
          params: { userId: params.id },
          body: {
            email: body.email,
            password: body.password,
            firstName: body.first_name,
            lastName: body.last_name,
            phone: body.phone,
            avatarUrl: body.avatar_url,
            ...(body.role_id && roleChange(body.role_id)),
            status: body.status,
            maxConcurrentChats: body.max_concurrent_chats,
            autoAssign: body.auto_assign_enabled,
          },
        },
        call,
      );
      return detailOf(deps, call, changed);
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/users/:id',
    tag: 'Users',
    summary: 'Eliminar usuario (soft delete)',
    description: 'Sus sesiones terminan y su email queda libre; los chats y la auditoría conservan su nombre.',
    auth: 'bearer',
    permission: 'users.delete',
    entity: 'user',
    params: idParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => deps.clients.identity.deleteUser({ params: { userId: params.id } }, call),
  }),
  editionRoute({
    method: 'POST',
    path: '/users/:id/agent-status',
    tag: 'Users',
    summary: 'Cambiar estado del agente',
    description: 'El propio; el de otro, con `users.update`.',
    auth: 'bearer',
    entity: 'user',
    fields: { reason: 'agent_status_reason' },
    params: idParams,
    body: agentStatusBody,
    responses: { 200: agentStatusAnswer },
    handle: async ({ params, body, deps, call }) => {
      requireSelfOr('users.update', params.id, call);
      const changed = await deps.clients.identity.setAgentStatus(
        {
          params: { userId: params.id },
          body: { agentStatus: body.agent_status, reason: body.agent_status_reason ?? null },
        },
        call,
      );
      return agentStatusView(changed);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/users/:id/agent-status',
    tag: 'Users',
    summary: 'Historial de estados del agente',
    description: 'El último primero. El propio; el de otro, con `users.read`.',
    auth: 'bearer',
    entity: 'user',
    params: idParams,
    query: agentStatusHistoryQuery,
    responses: { 200: paged(agentStatusChange) },
    handle: async ({ params, query, deps, call }) => {
      requireSelfOr('users.read', params.id, call);
      const { page, limit, cursor } = query;
      const list = await deps.clients.identity.listAgentStatusHistory(
        { params: { userId: params.id }, query: { page, limit, cursor, ...(await createdBetween(deps, call, query)) } },
        call,
      );
      const people = await deps.directory.users(
        call,
        list.items.map(({ changedBy }) => changedBy),
      );
      return { data: list.items.map((item) => agentStatusChangeView(item, people)), meta: pageMeta(query, list) };
    },
  }),
];

async function detailOf({ clients }: GatewayDeps, call: CallContext, user: User) {
  const { items } = await clients.conversation.listUserCampaigns({ params: { userId: user.id } }, asGateway(call));
  return userDetailView(user, items);
}

/** @throws Forbidden for another user's presence without the permission */
function requireSelfOr(permission: 'users.read' | 'users.update', userId: string, { caller }: CallContext): void {
  if (caller.userId !== userId && !caller.permissions.includes(permission)) throw new Forbidden();
}

/** A built-in role takes a custom one away. */
const roleChange = (choice: RoleChoice) => ('role' in choice ? { ...choice, customRoleId: null } : choice);

/** What a list's `role` asks for: a role, or the name of one of the tenant's own. */
async function roleFilter({ clients }: GatewayDeps, call: CallContext, choice: RoleChoice | string | undefined) {
  if (typeof choice !== 'string') return choice;
  const { items } = await clients.identity.listRoles({}, call);
  const found = items.find(({ name }) => name === choice);
  if (!found) return refuseField('role', FIELD.unknownRole);
  return { customRoleId: found.id };
}
