import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageView } from '../common/views.ts';
import { contact } from '../contacts/schemas.ts';
import { contactView } from '../contacts/views.ts';
import {
  addContactsBody,
  contactsAdded,
  createGroupBody,
  group,
  groupContactsQuery,
  groupsQuery,
  memberParams,
  updateGroupBody,
} from './schemas.ts';
import { groupView } from './views.ts';

const tag = 'Grupos';
/** What each path id names. */
const member = { id: 'group', contact_id: 'contact' } as const;

export const groupRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/groups',
    tag,
    summary: 'Lista de grupos',
    description: 'Los propios; un admin ve todos. El último primero. `total` cuenta hasta 10.000.',
    auth: 'bearer',
    permission: 'groups.read',
    query: groupsQuery,
    responses: { 200: paged(group) },
    handle: async ({ query, deps, call }) =>
      pageView(query, await deps.clients.conversation.listGroups({ query }, call), groupView),
  }),
  editionRoute({
    method: 'POST',
    path: '/api/groups',
    tag,
    summary: 'Crear grupo',
    description: 'Como máximo 5 por minuto y usuario.',
    auth: 'bearer',
    permission: 'groups.manage',
    userLimit: { name: 'groups', perMinute: 5 },
    body: createGroupBody,
    responses: { 201: group },
    handle: async ({ body, deps, call }) => groupView(await deps.clients.conversation.createGroup({ body }, call)),
  }),
  editionRoute({
    method: 'GET',
    path: '/api/groups/:id',
    tag,
    summary: 'Obtener grupo',
    auth: 'bearer',
    permission: 'groups.read',
    entity: 'group',
    params: idParams,
    responses: { 200: group },
    handle: async ({ params, deps, call }) =>
      groupView(await deps.clients.conversation.getGroup({ params: { groupId: params.id } }, call)),
  }),
  editionRoute({
    method: 'PUT',
    path: '/api/groups/:id',
    tag,
    summary: 'Actualizar grupo',
    description: 'Cambia los campos que se indican, al menos uno.',
    auth: 'bearer',
    permission: 'groups.manage',
    entity: 'group',
    params: idParams,
    body: updateGroupBody,
    responses: { 200: group },
    handle: async ({ params, body, deps, call }) =>
      groupView(await deps.clients.conversation.updateGroup({ params: { groupId: params.id }, body }, call)),
  }),
  editionRoute({
    method: 'DELETE',
    path: '/api/groups/:id',
    tag,
    summary: 'Eliminar grupo',
    description: 'Sus contactos quedan.',
    auth: 'bearer',
    permission: 'groups.manage',
    entity: 'group',
    params: idParams,
    responses: { 204: z.null() },
    handle: ({ params, deps, call }) => deps.clients.conversation.deleteGroup({ params: { groupId: params.id } }, call),
  }),
  editionRoute({
    method: 'GET',
    path: '/api/groups/:id/contacts',
    tag,
    summary: 'Contactos del grupo',
    auth: 'bearer',
    permission: 'groups.read',
    entity: 'group',
    params: idParams,
    query: groupContactsQuery,
    responses: { 200: paged(contact) },
    handle: async ({ params, query, deps, call }) => {
      const { is_active: isActive, ...rest } = query;
      const list = await deps.clients.conversation.listGroupContacts(
        { params: { groupId: params.id }, query: { ...rest, isActive } },
        call,
      );
      return pageView(query, list, contactView);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/groups/:id/contacts',
    tag,
    summary: 'Agregar contactos',
    description: 'Todos o ninguno; quien ya está no cuenta. Con un contacto que no existe o que no se ve: 422.',
    auth: 'bearer',
    permission: 'groups.manage',
    entity: 'group',
    params: idParams,
    body: addContactsBody,
    responses: { 201: contactsAdded },
    handle: async ({ params, body, deps, call }) => {
      const { added, contactCount } = await deps.clients.conversation.addGroupContacts(
        { params: { groupId: params.id }, body: { contactIds: body.contact_ids } },
        call,
      );
      return { added, contact_count: contactCount };
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/api/groups/:id/contacts/:contact_id',
    tag,
    summary: 'Remover contacto',
    auth: 'bearer',
    permission: 'groups.manage',
    entity: member,
    params: memberParams,
    responses: { 204: z.null() },
    handle: ({ params, deps, call }) =>
      deps.clients.conversation.removeGroupContact(
        { params: { groupId: params.id, contactId: params.contact_id } },
        call,
      ),
  }),
];
