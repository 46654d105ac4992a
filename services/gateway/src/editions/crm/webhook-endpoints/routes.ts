import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import * as schemas from './schemas.ts';
import { deliveryView, endpointView } from './views.ts';

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
    responses: { 200: paged(schemas.endpoint) },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.connector.listWebhookEndpoints({ query }, call);
      return { data: list.items.map(endpointView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...shared,
    ...secretOnce,
    method: 'POST',
    path: '/webhook-endpoints',
    summary: 'Crear webhook saliente',
    description: 'Envía eventos firmados (Standard Webhooks) a una dirección. El secreto se muestra solo esta vez.',
    fields: { channelIds: 'number_ids' },
    body: schemas.createEndpointBody,
    responses: { 201: schemas.endpointWithSecret },
    handle: async ({ body, deps, call }) => {
      const { name, url, event_types: eventTypes, number_ids: channelIds } = body;
      const made = await deps.clients.connector.createWebhookEndpoint(
        { body: { name, url, eventTypes, channelIds } },
        call,
      );
      return { ...endpointView(made.endpoint), secret: made.secret };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'GET',
    path: '/webhook-endpoints/:id',
    summary: 'Obtener webhook saliente',
    responses: { 200: schemas.endpoint },
    handle: async ({ params, deps, call }) =>
      endpointView(await deps.clients.connector.getWebhookEndpoint({ params: { endpointId: params.id } }, call)),
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'PUT',
    path: '/webhook-endpoints/:id',
    summary: 'Actualizar webhook saliente',
    fields: { channelIds: 'number_ids' },
    body: schemas.updateEndpointBody,
    responses: { 200: schemas.endpoint },
    handle: async ({ params, body, deps, call }) => {
      const { event_types: eventTypes, number_ids: channelIds, ...rest } = body;
      const changed = { ...rest, ...(eventTypes && { eventTypes }), ...(channelIds && { channelIds }) };
      const input = { params: { endpointId: params.id }, body: changed };
      return endpointView(await deps.clients.connector.updateWebhookEndpoint(input, call));
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'DELETE',
    path: '/webhook-endpoints/:id',
    summary: 'Eliminar webhook saliente',
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.connector.deleteWebhookEndpoint({ params: { endpointId: params.id } }, call),
  }),
  editionRoute({
    ...ofEndpoint,
    ...secretOnce,
    method: 'POST',
    path: '/webhook-endpoints/:id/secret',
    summary: 'Rotar el secreto',
    description: 'El secreto nuevo se muestra solo esta vez. El anterior también firma durante `overlap_hours`.',
    body: schemas.rotateBody,
    responses: { 200: schemas.endpointWithSecret },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { endpointId: params.id }, body: { overlapHours: body.overlap_hours } };
      const made = await deps.clients.connector.rotateWebhookSecret(input, call);
      return { ...endpointView(made.endpoint), secret: made.secret };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'POST',
    path: '/webhook-endpoints/:id/test',
    summary: 'Enviar un evento de prueba',
    responses: { 201: schemas.delivery },
    handle: async ({ params, deps, call }) =>
      deliveryView(await deps.clients.connector.testWebhookEndpoint({ params: { endpointId: params.id } }, call)),
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'GET',
    path: '/webhook-endpoints/:id/deliveries',
    summary: 'Registro de entregas',
    description: 'La última primero; 30 días.',
    query: schemas.deliveriesQuery,
    responses: { 200: schemas.deliveriesPage },
    handle: async ({ params, query, deps, call }) => {
      const { event_type: eventType, ...rest } = query;
      const input = { params: { endpointId: params.id }, query: { ...rest, eventType } };
      const { items, nextCursor } = await deps.clients.connector.listWebhookDeliveries(input, call);
      return { data: items.map(deliveryView), meta: { per_page: query.limit, next_cursor: nextCursor } };
    },
  }),
  editionRoute({
    ...ofEndpoint,
    method: 'POST',
    path: '/webhook-endpoints/:id/replay',
    summary: 'Reenviar lo que falló desde una hora',
    body: schemas.replayBody,
    responses: { 202: schemas.replay },
    handle: async ({ params, body, deps, call }) =>
      deps.clients.connector.replayFailedWebhooks({ params: { endpointId: params.id }, body }, call),
  }),
  editionRoute({
    ...ofDelivery,
    method: 'GET',
    path: '/webhook-deliveries/:id',
    summary: 'Obtener una entrega con su contenido',
    responses: { 200: schemas.deliveryWithPayload },
    handle: async ({ params, deps, call }) => {
      const { payload, ...delivery } = await deps.clients.connector.getWebhookDelivery(
        { params: { deliveryId: params.id } },
        call,
      );
      return { ...deliveryView(delivery), payload };
    },
  }),
  editionRoute({
    ...ofDelivery,
    method: 'POST',
    path: '/webhook-deliveries/:id/replay',
    summary: 'Reenviar una entrega',
    description: 'Con todos sus intentos y el mismo `webhook-id`.',
    responses: { 200: schemas.delivery },
    handle: async ({ params, deps, call }) =>
      deliveryView(await deps.clients.connector.replayWebhookDelivery({ params: { deliveryId: params.id } }, call)),
  }),
  editionRoute({
    ...shared,
    entity: 'webhook_replay',
    params: idParams,
    method: 'GET',
    path: '/webhook-replays/:id',
    summary: 'Avance de un reenvío',
    responses: { 200: schemas.replay },
    handle: async ({ params, deps, call }) =>
      deps.clients.connector.getWebhookReplay({ params: { replayId: params.id } }, call),
  }),
];
