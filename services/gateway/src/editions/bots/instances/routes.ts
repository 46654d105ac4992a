import { uuid } from '@recado/contracts';
import { walkOf } from '@recado/service-kit';
import { editionRoute } from '../../../edge/edition.ts';
import { allChannels } from '../../../hydration/all-channels.ts';
import { asInstance } from '../../../hydration/as-instance.ts';
import { done, found, success } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import {
  createInstanceBody,
  instance,
  instanceParams,
  instancesPage,
  instancesQuery,
  updateInstanceBody,
} from './schemas.ts';
import { instanceStatus, instanceView } from './views.ts';

const walk = walkOf('instances', { id: uuid() });

export const instanceRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/instances',
    tag: 'Instancias',
    summary: 'Listar instancias',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    query: instancesQuery,
    responses: { 200: instancesPage },
    handle: async ({ query, deps, call }) => {
      const { page, limit, status } = query;
      const { after, offset } = walk.slice(query);
      // Ids follow the creation, and a status of this edition covers several inside.
      const channels = await allChannels(deps.clients, call);
      const wanted = status ? channels.filter((channel) => instanceStatus(channel) === status) : channels;
      const rest = after ? wanted.filter(({ id }) => id > after.id) : wanted.slice(offset);
      const { items, nextCursor } = walk.page(rest, limit, ({ id }) => ({ id }));
      const total = wanted.length;
      return {
        success: true as const,
        data: items.map(instanceView),
        pagination: { page, limit, total, pages: Math.ceil(total / limit), nextCursor },
      };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/instances',
    tag: 'Instancias',
    summary: 'Crear instancia',
    description:
      'Solo con `name` se conecta un teléfono por código QR, en el servidor de la instalación. Un número de Meta se conecta con su token.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    fields: {
      phone: 'phoneNumber',
      'credentials.phoneNumberId': 'phoneNumberId',
      'credentials.businessAccountId': 'businessAccountId',
      'credentials.accessToken': 'accessToken',
      'credentials.appSecret': 'appSecret',
      'credentials.verifyToken': 'verifyToken',
      'credentials.serverUrl': 'serverUrl',
      'credentials.instanceName': 'instanceName',
      'credentials.sessionName': 'sessionName',
      'credentials.apiKey': 'apiKey',
    },
    body: createInstanceBody,
    responses: { 201: success(instance) },
    handle: async ({ body, deps, call }) => {
      const { name, provider, phoneNumber = null, webhookUrl = null, ...given } = body;
      const credentials = Object.keys(given).length > 0 ? given : null;
      const channel = await deps.clients.connector.createChannel(
        { body: { name, provider, phone: phoneNumber, credentials, webhookUrl } },
        call,
      );
      return { success: true as const, message: SUCCESS.instanceCreated, data: instanceView(channel) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/instances/:id',
    tag: 'Instancias',
    summary: 'Obtener instancia por ID',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    entity: 'instance',
    params: instanceParams,
    responses: { 200: found(instance) },
    handle: async ({ params, deps, call }) => {
      const channel = await asInstance(deps.clients.connector.getChannel({ params: { channelId: params.id } }, call));
      return { success: true as const, data: instanceView(channel) };
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/api/instances/:id',
    tag: 'Instancias',
    summary: 'Actualizar instancia',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'instance',
    params: instanceParams,
    body: updateInstanceBody,
    responses: { 200: success(instance) },
    handle: async ({ params, body, deps, call }) => {
      const channel = await asInstance(
        deps.clients.connector.updateChannel({ params: { channelId: params.id }, body }, call),
      );
      return { success: true as const, message: SUCCESS.instanceUpdated, data: instanceView(channel) };
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/api/instances/:id',
    tag: 'Instancias',
    summary: 'Eliminar instancia',
    description: 'Sus conversaciones siguen a la vista.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'instance',
    params: instanceParams,
    responses: { 200: done },
    handle: async ({ params, deps, call }) => {
      await asInstance(deps.clients.connector.removeChannel({ params: { channelId: params.id } }, call));
      return { success: true as const, message: SUCCESS.instanceRemoved };
    },
  }),
];
