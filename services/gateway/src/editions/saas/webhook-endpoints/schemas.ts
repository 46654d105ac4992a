import {
  DELIVERY_STATUSES,
  isoTime,
  oneOrMore,
  text,
  uuid,
  WEBHOOK_DISABLED_REASONS,
  WEBHOOK_EVENT_NAMES,
  withCode,
} from '@recado/contracts';
import { z } from 'zod';
import { cursorField } from '../../../edge/cursors.ts';
import { done, envelope, nextCursor, walkedEnvelope } from '../common/schemas.ts';

export const idParams = z.strictObject({ id: uuid() });

export const endpointsQuery = z.object({
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
});

export const endpoint = z
  .object({
    id: uuid(),
    name: z.string(),
    url: z.string(),
    eventTypes: z.array(z.string()).describe('Vacío: todos'),
    instanceIds: z.array(uuid()).describe('Vacío: de todas las instancias, y lo que no es de ninguna'),
    instanceId: uuid().nullable().describe('La instancia cuya dirección es'),
    enabled: z.boolean(),
    disabledReason: z.enum(WEBHOOK_DISABLED_REASONS).nullable().describe('`gone`: respondió 410. `failing`: 5 días'),
    disabledAt: isoTime().nullable(),
    failingSince: isoTime().nullable(),
    lastSuccessAt: isoTime().nullable(),
    previousSecretUntil: isoTime().nullable().describe('Hasta entonces también firma el secreto anterior'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'WebhookEndpoint' });

const endpointWithSecret = endpoint
  .extend({ secret: z.string().describe('Se muestra solo esta vez') })
  .meta({ id: 'WebhookEndpointWithSecret' });

const fields = {
  name: text(120),
  url: z.url({ protocol: /^https?$/, ...withCode('url') }).max(2048),
  eventTypes: z.array(z.enum(WEBHOOK_EVENT_NAMES)).max(100),
  instanceIds: z.array(uuid()).max(200),
};

export const createEndpointBody = z.strictObject({
  ...fields,
  eventTypes: fields.eventTypes.default([]),
  instanceIds: fields.instanceIds.default([]),
});

export const updateEndpointBody = z
  .strictObject({ ...fields, enabled: z.boolean() })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

export const rotateBody = z.strictObject({
  overlapHours: z.number().int().min(0).max(168).default(24).describe('Cuánto tiempo firma también el anterior'),
});

export const deliveriesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
  status: z.enum(DELIVERY_STATUSES).optional(),
  eventType: z.string().max(100).optional(),
  since: isoTime().optional(),
  until: isoTime().optional(),
});

export const delivery = z
  .object({
    id: uuid(),
    endpointId: uuid(),
    eventId: uuid().describe('El `webhook-id` de cada intento'),
    eventType: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    tries: z.number().int(),
    nextTryAt: isoTime().nullable(),
    createdAt: isoTime(),
    endedAt: isoTime().nullable(),
    attempts: z.array(
      z.object({
        at: isoTime(),
        durationMs: z.number().int(),
        status: z.number().int().nullable().describe('null: no hubo respuesta'),
        error: z.string().nullable(),
        response: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'WebhookDelivery' });

const deliveryWithPayload = delivery
  .extend({ payload: z.record(z.string(), z.unknown()) })
  .meta({ id: 'WebhookDeliveryWithPayload' });

export const replayBody = z.strictObject({ since: isoTime() });

const replay = z
  .object({
    id: uuid(),
    state: z.enum(['scheduled', 'queued', 'running', 'done', 'dead']),
    replayed: z.number().int().describe('Entregas que se envían otra vez'),
  })
  .meta({ id: 'WebhookReplay' });

export const answers = {
  done,
  endpoint: envelope(endpoint),
  endpoints: walkedEnvelope(endpoint),
  withSecret: envelope(endpointWithSecret),
  delivery: envelope(delivery),
  deliveryWithPayload: envelope(deliveryWithPayload),
  deliveries: z.object({ message: z.string(), data: z.array(delivery), nextCursor }),
  replay: envelope(replay),
};
