import type { WebhookDelivery, WebhookEndpoint } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const webhookView = (endpoint: WebhookEndpoint): View<typeof schemas.webhook> => ({
  url: endpoint.url,
  enabled: endpoint.enabled,
  disabledReason: endpoint.disabledReason,
  failingSince: endpoint.failingSince,
  lastSuccessAt: endpoint.lastSuccessAt,
  previousSecretUntil: endpoint.previousSecretUntil,
});

export const deliveryView = (delivery: WebhookDelivery): View<typeof schemas.delivery> => ({
  id: delivery.id,
  eventId: delivery.eventId,
  eventType: delivery.eventType,
  status: delivery.status,
  nextTryAt: delivery.nextTryAt,
  createdAt: delivery.createdAt,
  attempts: delivery.attempts,
});
