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
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';
import { pageQuery } from '../common/schemas.ts';

export const endpointsQuery = z.object(pageQuery(20));

export const endpoint = z
  .object({
    id: uuid(),
    name: z.string(),
    url: z.string(),
    event_types: z.array(z.string()).describe('Vacío: todos'),
    number_ids: z.array(uuid()).describe('Vacío: de todos los números, y lo que no es de ninguno'),
    number_id: uuid().nullable().describe('El número cuya dirección es'),
    enabled: z.boolean(),
    disabled_reason: z.enum(WEBHOOK_DISABLED_REASONS).nullable().describe('`gone`: respondió 410. `failing`: 5 días'),
    disabled_at: isoTime().nullable(),
    failing_since: isoTime().nullable(),
    last_success_at: isoTime().nullable(),
    previous_secret_until: isoTime().nullable().describe('Hasta entonces también firma el secreto anterior'),
    created_at: isoTime(),
    updated_at: isoTime(),
  })
  .meta({ id: 'WebhookEndpoint' });

export const endpointWithSecret = endpoint
  .extend({ secret: z.string().describe('Se muestra solo esta vez') })
  .meta({ id: 'WebhookEndpointWithSecret' });

const fields = {
  name: text(120),
  url: z.url({ protocol: /^https?$/, ...withCode('url') }).max(2048),
  event_types: z.array(z.enum(WEBHOOK_EVENT_NAMES)).max(100),
  number_ids: z.array(uuid()).max(200),
};

export const createEndpointBody = z.strictObject({
  ...fields,
  event_types: fields.event_types.default([]),
  number_ids: fields.number_ids.default([]),
});

export const updateEndpointBody = z
  .strictObject({ ...fields, enabled: z.boolean() })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

export const rotateBody = z.strictObject({
  overlap_hours: z.number().int().min(0).max(168).default(24).describe('Cuánto tiempo firma también el anterior'),
});

export const deliveriesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
  status: z.enum(DELIVERY_STATUSES).optional(),
  event_type: z.string().max(100).optional(),
  since: isoTime().optional(),
  until: isoTime().optional(),
});

export const delivery = z
  .object({
    id: uuid(),
    endpoint_id: uuid(),
    event_id: uuid().describe('El `webhook-id` de cada intento'),
    event_type: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    tries: z.number().int(),
    next_try_at: isoTime().nullable(),
    created_at: isoTime(),
    ended_at: isoTime().nullable(),
    attempts: z.array(
      z.object({
        at: isoTime(),
        duration_ms: z.number().int(),
        status: z.number().int().nullable().describe('null: no hubo respuesta'),
        error: z.string().nullable(),
        response: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'WebhookDelivery' });

export const deliveryWithPayload = delivery
  .extend({ payload: z.record(z.string(), z.unknown()) })
  .meta({ id: 'WebhookDeliveryWithPayload' });

export const deliveriesPage = z.object({
  data: z.array(delivery),
  meta: z.object({ per_page: z.number().int(), next_cursor: nextCursorField('es') }),
});

export const replayBody = z.strictObject({ since: isoTime() });

export const replay = z
  .object({
    id: uuid(),
    state: z.enum(['scheduled', 'queued', 'running', 'done', 'dead']),
    replayed: z.number().int().describe('Entregas que se envían otra vez'),
  })
  .meta({ id: 'WebhookReplay' });
