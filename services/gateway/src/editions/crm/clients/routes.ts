import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import {
  changedClient,
  client,
  clientDetail,
  clientErasure,
  clientsQuery,
  clientTagBody,
  clientTagParams,
  clientTags,
  createClientBody,
  mergeClientsBody,
  updateClientBody,
} from './schemas.ts';
import { changedClientView, clientDetailView, clientErasureView, clientInput, clientView } from './views.ts';

const common = { tag: 'Clients', auth: 'bearer' } as const;
const one = { ...common, entity: 'contact', params: idParams } as const;
/** Fields of the service as this edition spells them. */
const FIELDS = { phone: 'phone_number' };
const SORTS = { created_at: 'created', name: 'name', lead_score: 'leadScore' } as const;

export const clientRoutes = [
  editionRoute({
    ...common,
    method: 'GET',
    path: '/clients',
    summary: 'Listar clientes',
    description:
      'También quienes solo escribieron. `total` cuenta hasta 10.000, y en una búsqueda hasta 1.000; si hay más, `total_is_capped` es true.',
    permission: 'contacts.read',
    query: clientsQuery,
    responses: { 200: paged(client) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, search, segment, tag, company, city, order } = query;
      const filter = {
        search: search || undefined,
        leadStatus: query.lead_status,
        segment: segment || undefined,
        tag: tag || undefined,
        company: company || undefined,
        city: city || undefined,
        isBlocked: query.is_blocked,
        optIn: query.opt_in,
      };
      const asked = { page, limit, cursor, order, sort: SORTS[query.sort], ...filter };
      const list = await deps.clients.conversation.listContacts({ query: asked }, call);
      return { data: list.items.map(clientView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...common,
    method: 'POST',
    path: '/clients',
    summary: 'Crear cliente',
    description:
      'Quien solo escribió, o fue eliminado, vuelve con lo indicado. Con un teléfono que ya tiene otro: 409.',
    permission: 'contacts.manage',
    fields: FIELDS,
    body: createClientBody,
    responses: { 201: changedClient },
    handle: async ({ body, deps, call }) => {
      const input = { ...clientInput(body), phone: body.phone_number };
      return changedClientView(await deps.clients.conversation.createContact({ body: input }, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'GET',
    path: '/clients/:id',
    summary: 'Obtener cliente por ID',
    permission: 'contacts.read',
    responses: { 200: clientDetail },
    handle: async ({ params, deps, call }) =>
      clientDetailView(await deps.clients.conversation.getContact({ params: { contactId: params.id } }, call)),
  }),
  editionRoute({
    ...one,
    method: 'PUT',
    path: '/clients/:id',
    summary: 'Actualizar cliente',
    description: 'Cambia los campos que se indican, al menos uno. Con el teléfono de otro cliente: 409.',
    permission: 'contacts.manage',
    fields: FIELDS,
    body: updateClientBody,
    responses: { 200: changedClient },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { contactId: params.id }, body: clientInput(body) };
      return changedClientView(await deps.clients.conversation.updateContact(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'DELETE',
    path: '/clients/:id',
    summary: 'Eliminar cliente',
    description:
      'Borra todos sus datos: perfil, teléfonos, mensajes, notas, tareas y archivos. Sus chats se cierran y quedan sin palabras ni nombre, para las estadísticas. La cabecera `Location` dice dónde ver el avance. Si vuelve a escribir es otro cliente; si no quería publicidad o estaba bloqueado, sigue así.',
    permission: 'contacts.manage',
    responses: { 204: z.null() },
    handle: async ({ params, deps, call, reply }) => {
      await deps.clients.conversation.deleteContact({ params: { contactId: params.id } }, call);
      reply.header('location', `/v1/clients/${params.id}/erasure`);
      return null;
    },
  }),
  editionRoute({
    ...one,
    method: 'GET',
    path: '/clients/:id/erasure',
    summary: 'Avance del borrado de un cliente',
    description:
      'Con `done` ya no queda nada guardado. Hasta `queues_until` pueden quedar copias en las colas de eventos. Quien no ve todos los clientes ve los que borró.',
    permission: 'contacts.manage',
    responses: { 200: clientErasure },
    handle: async ({ params, deps, call }) =>
      clientErasureView(await deps.clients.conversation.getErasure({ params: { contactId: params.id } }, call)),
  }),
  editionRoute({
    ...one,
    method: 'POST',
    path: '/clients/:id/merge',
    summary: 'Unir clientes',
    description:
      'Los clientes indicados pasan a ser este: teléfonos, chats, tareas, tags y compras. Sus campos completan los que faltan. De dos chats abiertos en un número queda el que tiene agente. Si uno no quería publicidad o estaba bloqueado, sigue así. Los ids unidos responden 404.',
    permission: 'contacts.manage',
    fields: { contactIds: 'client_ids' },
    body: mergeClientsBody,
    responses: { 200: changedClient },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { contactId: params.id }, body: { contactIds: body.client_ids } };
      return changedClientView(await deps.clients.conversation.mergeContacts(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'POST',
    path: '/clients/:id/tags',
    summary: 'Agregar tag a cliente',
    permission: 'contacts.manage',
    fields: { name: 'tag' },
    body: clientTagBody,
    responses: { 200: clientTags },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { contactId: params.id }, body: { name: body.tag } };
      return { id: params.id, ...(await deps.clients.conversation.addContactTag(input, call)) };
    },
  }),
  editionRoute({
    ...one,
    method: 'DELETE',
    path: '/clients/:id/tags/:tag',
    summary: 'Remover tag de cliente',
    permission: 'contacts.manage',
    params: clientTagParams,
    responses: { 200: clientTags },
    handle: async ({ params, deps, call }) => {
      const input = { params: { contactId: params.id, name: params.tag } };
      return { id: params.id, ...(await deps.clients.conversation.removeContactTag(input, call)) };
    },
  }),
];
