import type { WebhookDelivery, WebhookEndpoint } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import type * as schemas from './schemas.ts';

export const endpointView = (endpoint: WebhookEndpoint): View<typeof schemas.endpoint> => ({
  id: endpoint.id,
  name: endpoint.name,
  url: endpoint.url,
  event_types: endpoint.eventTypes,
  number_ids: endpoint.channelIds,
  number_id: endpoint.channelId,
  enabled: endpoint.enabled,
  disabled_reason: endpoint.disabledReason,
  disabled_at: endpoint.disabledAt,
  failing_since: endpoint.failingSince,
  last_success_at: endpoint.lastSuccessAt,
  previous_secret_until: endpoint.previousSecretUntil,
  created_at: endpoint.createdAt,
  updated_at: endpoint.updatedAt,
});

export const deliveryView = (delivery: WebhookDelivery): View<typeof schemas.delivery> => ({
  id: delivery.id,
  endpoint_id: delivery.endpointId,
  event_id: delivery.eventId,
  event_type: delivery.eventType,
  status: delivery.status,
  tries: delivery.tries,
  next_try_at: delivery.nextTryAt,
  created_at: delivery.createdAt,
  ended_at: delivery.endedAt,
  attempts: delivery.attempts.map(({ durationMs, ...attempt }) => ({ ...attempt, duration_ms: durationMs })),
});
