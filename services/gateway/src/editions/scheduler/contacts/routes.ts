import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageView } from '../common/views.ts';
import { contact, contactsQuery, createContactBody, updateContactBody } from './schemas.ts';
import { contactView } from './views.ts';

const tag = 'Contactos';
const fields = { groupIds: 'groups' };

export const contactRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/contacts',
    tag,
    summary: 'Lista de contactos',
    description: 'Los propios; un admin ve todos, también a quienes solo escribieron. El último primero.',
    auth: 'bearer',
    permission: 'contacts.read',
    query: contactsQuery,
    responses: { 200: paged(contact) },
    handle: async ({ query, deps, call }) => {
      const { is_active: isActive, group_id: groupId, ...rest } = query;
      const list = await deps.clients.conversation.listContacts({ query: { ...rest, isActive, groupId } }, call);
      return pageView(query, list, contactView);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/contacts',
    tag,
    summary: 'Crear contacto',
    description:
      'Quien solo escribió, o fue eliminado, pasa a ser de quien lo crea. Con un teléfono que ya tiene un contacto, propio o no: 409.',
    auth: 'bearer',
    permission: 'contacts.manage',
    body: createContactBody,
    responses: { 201: contact },
    fields,
    handle: async ({ body: { is_active: isActive, groups: groupIds, ...rest }, deps, call }) =>
      contactView(await deps.clients.conversation.createContact({ body: { ...rest, isActive, groupIds } }, call)),
  }),
  editionRoute({
    method: 'PUT',
    path: '/api/contacts/:id',
    tag,
    summary: 'Actualizar contacto',
    description: 'Cambia los campos que se indican, al menos uno. Con el teléfono de otro contacto: 409.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'contact',
    params: idParams,
    body: updateContactBody,
    responses: { 200: contact },
    fields,
    handle: async ({ params, body: { is_active: isActive, groups: groupIds, ...rest }, deps, call }) =>
      contactView(
        await deps.clients.conversation.updateContact(
          { params: { contactId: params.id }, body: { ...rest, isActive, groupIds } },
          call,
        ),
      ),
  }),
  editionRoute({
    method: 'DELETE',
    path: '/api/contacts/:id',
    tag,
    summary: 'Eliminar contacto',
    description: 'Borra todos sus datos: perfil, mensajes y archivos. Si vuelve a escribir es otro contacto.',
    auth: 'bearer',
    permission: 'contacts.manage',
    entity: 'contact',
    params: idParams,
    responses: { 204: z.null() },
    handle: ({ params, deps, call }) =>
      deps.clients.conversation.deleteContact({ params: { contactId: params.id } }, call),
  }),
];
