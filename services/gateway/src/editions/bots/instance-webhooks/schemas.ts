import { DELIVERY_STATUSES, isoTime, uuid, WEBHOOK_DISABLED_REASONS } from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';

export const webhook = z
  .object({
    url: z.string(),
    enabled: z.boolean(),
    disabledReason: z.enum(WEBHOOK_DISABLED_REASONS).nullable().describe('`gone`: respondió 410. `failing`: 5 días'),
    failingSince: isoTime().nullable(),
    lastSuccessAt: isoTime().nullable(),
    previousSecretUntil: isoTime().nullable().describe('Hasta entonces también firma el secreto anterior'),
  })
  .meta({ id: 'InstanceWebhook' });

export const updateBody = z.strictObject({ enabled: z.boolean() });

export const rotateBody = z.strictObject({
  overlapHours: z.number().int().min(0).max(168).default(24).describe('Cuánto tiempo firma también el anterior'),
});

export const withSecret = webhook.extend({ secret: z.string().describe('Se muestra solo esta vez') });

export const deliveriesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
  status: z.enum(DELIVERY_STATUSES).optional(),
});

export const delivery = z
  .object({
    id: uuid(),
    eventId: uuid().describe('El `webhook-id` de cada intento'),
    eventType: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    nextTryAt: isoTime().nullable(),
    createdAt: isoTime(),
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
  .meta({ id: 'InstanceWebhookDelivery' });

export const deliveriesPage = z.object({
  success: z.literal(true),
  data: z.array(delivery),
  pagination: z.object({ limit: z.number().int(), nextCursor: nextCursorField('es') }),
});

export const replayBody = z.strictObject({ since: isoTime() });
export const replay = z.object({
  id: uuid(),
  state: z.enum(['scheduled', 'queued', 'running', 'done', 'dead']),
  replayed: z.number().int(),
});
