import type { WebhookEndpoint } from '@recado/contracts';
import { NotFound } from '@recado/service-kit';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { found, success } from '../common/schemas.ts';
import { instanceParams } from '../instances/schemas.ts';
import { SUCCESS } from '../texts.ts';
import * as schemas from './schemas.ts';
import { deliveryView, webhookView } from './views.ts';

const shared = {
  tag: 'Instancias',
  auth: 'bearer',
  permission: 'webhooks.manage',
  entity: 'instance',
  params: instanceParams,
} as const;

/** The endpoint that an instance's `webhookUrl` is. @throws NotFound */
async function findEndpoint({ clients }: GatewayDeps, call: CallContext, channelId: string): Promise<WebhookEndpoint> {
  const { items } = await clients.connector.listWebhookEndpoints({ query: { channelId, limit: 1 } }, call);
  if (!items[0]) throw new NotFound('webhook_endpoint', channelId);
  return items[0];
}

export const instanceWebhookRoutes = [
  editionRoute({
    ...shared,
    method: 'GET',
    path: '/api/instances/:id/webhook',
    summary: 'Estado del webhook de una instancia',
    description: 'Los eventos de la instancia llegan firmados (Standard Webhooks) a su `webhookUrl`.',
    responses: { 200: found(schemas.webhook) },
    handle: async ({ params, deps, call }) => ({
      success: true as const,
      data: webhookView(await findEndpoint(deps, call, params.id)),
    }),
  }),
  editionRoute({
    ...shared,
    method: 'PUT',
    path: '/api/instances/:id/webhook',
    summary: 'Activar o desactivar el webhook de una instancia',
    body: schemas.updateBody,
    responses: { 200: success(schemas.webhook) },
    handle: async ({ params, body, deps, call }) => {
      const { id: endpointId } = await findEndpoint(deps, call, params.id);
      const changed = await deps.clients.connector.updateWebhookEndpoint({ params: { endpointId }, body }, call);
      return { success: true as const, message: SUCCESS.webhookUpdated, data: webhookView(changed) };
    },
  }),
  editionRoute({
    ...shared,
    method: 'POST',
    path: '/api/instances/:id/webhook/secret',
    summary: 'Renovar el secreto del webhook',
    description: 'El secreto nuevo se muestra solo esta vez. El anterior también firma durante `overlapHours`.',
    cache: 'none',
    idempotent: 'owner',
    body: schemas.rotateBody,
    responses: { 200: success(schemas.withSecret) },
    handle: async ({ params, body, deps, call }) => {
      const { id: endpointId } = await findEndpoint(deps, call, params.id);
      const { endpoint, secret } = await deps.clients.connector.rotateWebhookSecret(
        { params: { endpointId }, body },
        call,
      );
      return { success: true as const, message: SUCCESS.webhookRotated, data: { ...webhookView(endpoint), secret } };
    },
  }),
  editionRoute({
    ...shared,
    method: 'POST',
    path: '/api/instances/:id/webhook/test',
    summary: 'Enviar un evento de prueba',
    responses: { 201: success(schemas.delivery) },
    handle: async ({ params, deps, call }) => {
      const { id: endpointId } = await findEndpoint(deps, call, params.id);
      const sent = await deps.clients.connector.testWebhookEndpoint({ params: { endpointId } }, call);
      return { success: true as const, message: SUCCESS.webhookTested, data: deliveryView(sent) };
    },
  }),
  editionRoute({
    ...shared,
    method: 'GET',
    path: '/api/instances/:id/webhook/deliveries',
    summary: 'Registro de entregas del webhook',
    description: 'La última primero; 30 días.',
    query: schemas.deliveriesQuery,
    responses: { 200: schemas.deliveriesPage },
    handle: async ({ params, query, deps, call }) => {
      const { id: endpointId } = await findEndpoint(deps, call, params.id);
      const { items, nextCursor } = await deps.clients.connector.listWebhookDeliveries(
        { params: { endpointId }, query },
        call,
      );
      return {
        success: true as const,
        data: items.map(deliveryView),
        pagination: { limit: query.limit, nextCursor },
      };
    },
  }),
  editionRoute({
    ...shared,
    method: 'POST',
    path: '/api/instances/:id/webhook/replay',
    summary: 'Reenviar lo que falló desde una hora',
    body: schemas.replayBody,
    responses: { 202: success(schemas.replay) },
    handle: async ({ params, body, deps, call }) => {
      const { id: endpointId } = await findEndpoint(deps, call, params.id);
      const data = await deps.clients.connector.replayFailedWebhooks({ params: { endpointId }, body }, call);
      return { success: true as const, message: SUCCESS.replayOrdered, data };
    },
  }),
];
