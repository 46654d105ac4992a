import type { Channel } from '@recado/contracts';
import { editionRoute } from '../../../edge/edition.ts';
import { asInstance } from '../../../hydration/as-instance.ts';
import { done, envelope, listEnvelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { connection, connectionStatus, connectQuery, createInstanceBody, instance, instanceParams } from './schemas.ts';
import { connectionStatusView, connectionView, instanceView } from './views.ts';

export const instanceRoutes = [
  editionRoute({
    method: 'POST',
    path: '/whatsapp/instances',
    tag: 'WhatsApp',
    summary: 'Crear nueva instancia de WhatsApp',
    description: 'En el servidor de la instalación. Su código QR llega al conectarla.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    fields: { phone: 'phoneNumber' },
    body: createInstanceBody,
    responses: { 201: envelope(instance) },
    handle: async ({ body, deps, call }) => {
      const { name, settings = {}, phoneNumber = null } = body;
      const channel = await deps.clients.connector.createChannel(
        { body: { name, settings, phone: phoneNumber, connect: false } },
        call,
      );
      return { message: SUCCESS.instanceCreated, data: instanceView(channel) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/instances',
    tag: 'WhatsApp',
    summary: 'Listar todas las instancias',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    responses: { 200: listEnvelope(instance) },
    handle: async ({ deps, call }) => {
      const { items, total } = await deps.clients.connector.listChannels({ query: { limit: 500 } }, call);
      return { message: SUCCESS.instances, data: items.map(instanceView), total };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/instances/:instanceId',
    tag: 'WhatsApp',
    summary: 'Obtener detalle de instancia específica',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    entity: 'instance',
    params: instanceParams,
    responses: { 200: envelope(instance) },
    handle: async ({ params, deps, call }) => {
      const channel = await asInstance(
        deps.clients.connector.getChannel({ params: { channelId: params.instanceId } }, call),
      );
      return { message: SUCCESS.instance, data: instanceView(channel) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/instances/:instanceId/connect',
    tag: 'WhatsApp',
    summary: 'Conectar instancia',
    description:
      'Muestra el código QR; cada nuevo llega como `instance:status`. Un número de Meta no tiene: su token se prueba de nuevo.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'instance',
    params: instanceParams,
    query: connectQuery,
    responses: { 200: envelope(connection) },
    handle: async ({ params, query, deps, call }) => {
      const channel = await asInstance(
        deps.clients.connector.reconnectChannel({ params: { channelId: params.instanceId }, query }, call),
      );
      return { message: connectedSentence(channel), data: connectionView(channel) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/instances/:instanceId/connection-status',
    tag: 'WhatsApp',
    summary: 'Estado de conexión en tiempo real',
    description: 'Medido ahora, a lo sumo una vez por minuto.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    entity: 'instance',
    params: instanceParams,
    responses: { 200: envelope(connectionStatus) },
    handle: async ({ params, deps, call }) => {
      const channel = await asInstance(
        deps.clients.connector.getChannelHealth({ params: { channelId: params.instanceId } }, call),
      );
      return { message: SUCCESS.connectionStatus, data: connectionStatusView(channel) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/instances/:instanceId/disconnect',
    tag: 'WhatsApp',
    summary: 'Desconectar instancia',
    description: 'No envía ni recibe hasta que se conecte; las conversaciones quedan.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'instance',
    params: instanceParams,
    responses: { 200: envelope(instance) },
    handle: async ({ params, deps, call }) => {
      const channel = await asInstance(
        deps.clients.connector.disconnectChannel({ params: { channelId: params.instanceId } }, call),
      );
      return { message: SUCCESS.instanceDisconnected, data: instanceView(channel) };
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/whatsapp/instances/:instanceId',
    tag: 'WhatsApp',
    summary: 'Eliminar instancia',
    description: 'Sus conversaciones siguen a la vista.',
    auth: 'bearer',
    permission: 'whatsapp.numbers.manage',
    entity: 'instance',
    params: instanceParams,
    responses: { 200: done },
    handle: async ({ params, deps, call }) => {
      await asInstance(deps.clients.connector.removeChannel({ params: { channelId: params.instanceId } }, call));
      return { message: SUCCESS.instanceRemoved };
    },
  }),
];

function connectedSentence({ status, code }: Channel): string {
  if (status === 'connected') return SUCCESS.instanceConnected;
  return code ? SUCCESS.qrCode : SUCCESS.instanceNotConnected;
}
