import { editionRoute } from '../../../edge/edition.ts';
import { SUCCESS } from '../texts.ts';
import * as schemas from './schemas.ts';
import { endpointView } from './views.ts';

const { answers, idParams } = schemas;

const shared = { tag: 'Webhooks salientes', auth: 'bearer', permission: 'webhooks.manage' } as const;
const ofEndpoint = { ...shared, entity: 'webhook_endpoint', params: idParams } as const;
const ofDelivery = { ...shared, entity: 'webhook_delivery', params: idParams } as const;
const secretOnce = { cache: 'none', idempotent: 'owner' } as const;

export const webhookEndpointRoutes = [
  editionRoute({
    ...shared,
    method: 'GET',
    path: '/webhook-endpoints',
    summary: 'Listar webhooks salientes',
    query: schemas.endpointsQuery,
    responses: { 200: answers.endpoints },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.connector.listWebhookEndpoints({ query }, call);
      const { items, total, nextCursor } = list;
      return { message: SUCCESS.webhooks, data: items.map(endpointView), total, nextCursor };
    },
  }),
  editionRoute({
    ...shared,
    ...secretOnce,
    method: 'POST',
    path: '/webhook-endpoints',
    summary: 'Crear webhook saliente',
    description: 'Envía eventos firmados (Standard Webhooks) a una dirección. El secreto se muestra solo esta vez.',
    fields: { channelIds: 'instanceIds' },
    body: schemas.createEndpointBody,
    responses: { 201: answers.withSecret },
    handle: async ({ body, deps, call }) => {
      const { instanceIds: channelIds, ...rest } = body;
      const made = await deps.clients.connector.createWebhookEndpoint({ body: { ...rest, channelIds } }, call);
      return { message: SUCCESS.webhookCreated, data: { ...endpointView(made.endpoint), secret: made.secret } };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'GET',
    path: '/webhook-endpoints/:id',
    summary: 'Obtener webhook saliente',
    responses: { 200: answers.endpoint },
    handle: async ({ params, deps, call }) => ({
      message: SUCCESS.webhook,
      data: endpointView(await deps.clients.connector.getWebhookEndpoint({ params: { endpointId: params.id } }, call)),
    }),
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'PUT',
    path: '/webhook-endpoints/:id',
    summary: 'Actualizar webhook saliente',
    fields: { channelIds: 'number_ids' },
    body: schemas.updateEndpointBody,
    responses: { 200: answers.endpoint },
    handle: async ({ params, body, deps, call }) => {
      const { instanceIds: channelIds, ...rest } = body;
      const changed = { ...rest, ...(channelIds && { channelIds }) };
      const input = { params: { endpointId: params.id }, body: changed };
      const changedOne = await deps.clients.connector.updateWebhookEndpoint(input, call);
      return { message: SUCCESS.webhookUpdated, data: endpointView(changedOne) };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'DELETE',
    path: '/webhook-endpoints/:id',
    summary: 'Eliminar webhook saliente',
    responses: { 200: answers.done },
    handle: async ({ params, deps, call }) => {
      await deps.clients.connector.deleteWebhookEndpoint({ params: { endpointId: params.id } }, call);
      return { message: SUCCESS.webhookRemoved };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    ...secretOnce,
    method: 'POST',
    path: '/webhook-endpoints/:id/secret',
    summary: 'Rotar el secreto',
    description: 'El secreto nuevo se muestra solo esta vez. El anterior también firma durante `overlapHours`.',
    body: schemas.rotateBody,
    responses: { 200: answers.withSecret },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { endpointId: params.id }, body };
      const made = await deps.clients.connector.rotateWebhookSecret(input, call);
      return { message: SUCCESS.webhookRotated, data: { ...endpointView(made.endpoint), secret: made.secret } };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'POST',
    path: '/webhook-endpoints/:id/test',
    summary: 'Enviar un evento de prueba',
    responses: { 201: answers.delivery },
    handle: async ({ params, deps, call }) => ({
      message: SUCCESS.webhookTested,
      data: await deps.clients.connector.testWebhookEndpoint({ params: { endpointId: params.id } }, call),
    }),
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'GET',
    path: '/webhook-endpoints/:id/deliveries',
    summary: 'Registro de entregas',
    description: 'La última primero; 30 días.',
    query: schemas.deliveriesQuery,
    responses: { 200: answers.deliveries },
    handle: async ({ params, query, deps, call }) => {
      const input = { params: { endpointId: params.id }, query };
      const { items, nextCursor } = await deps.clients.connector.listWebhookDeliveries(input, call);
      return { message: SUCCESS.deliveries, data: items, nextCursor };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'POST',
    path: '/webhook-endpoints/:id/replay',
    summary: 'Reenviar lo que falló desde una hora',
    body: schemas.replayBody,
    responses: { 202: answers.replay },
    handle: async ({ params, body, deps, call }) => ({
      message: SUCCESS.replayOrdered,
      data: await deps.clients.connector.replayFailedWebhooks({ params: { endpointId: params.id }, body }, call),
    }),
  }),
  editionRoute({
    ...ofDelivery,
    method: 'GET',
    path: '/webhook-deliveries/:id',
    summary: 'Obtener una entrega con su contenido',
    responses: { 200: answers.deliveryWithPayload },
    handle: async ({ params, deps, call }) => ({
      message: SUCCESS.delivery,
      data: await deps.clients.connector.getWebhookDelivery({ params: { deliveryId: params.id } }, call),
    }),
  }),
  editionRoute({
    ...ofDelivery,
    method: 'POST',
    path: '/webhook-deliveries/:id/replay',
    summary: 'Reenviar una entrega',
    description: 'Con todos sus intentos y el mismo `webhook-id`.',
    responses: { 200: answers.delivery },
    handle: async ({ params, deps, call }) => ({
      message: SUCCESS.replayOrdered,
      data: await deps.clients.connector.replayWebhookDelivery({ params: { deliveryId: params.id } }, call),
    }),
  }),
  editionRoute({
    ...shared,
    entity: 'webhook_replay',
    params: idParams,
    method: 'GET',
    path: '/webhook-replays/:id',
    summary: 'Avance de un reenvío',
    responses: { 200: answers.replay },
    handle: async ({ params, deps, call }) => ({
      message: SUCCESS.replay,
      data: await deps.clients.connector.getWebhookReplay({ params: { replayId: params.id } }, call),
    }),
  }),
];
