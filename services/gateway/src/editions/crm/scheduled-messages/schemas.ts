import { isoTime, OUTBOUND_KINDS, oneOrMore, SCHEDULED_STATUSES, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery, person } from '../common/schemas.ts';
import { plainMessageBody } from '../messages/body.ts';

export const scheduledQuery = z.object({ status: z.enum(SCHEDULED_STATUSES).optional(), ...pageQuery(20) });
export const scheduledParams = z.strictObject({ id: uuid(), scheduledId: uuid() });

export const updateScheduledBody = z
  .strictObject({
    message: plainMessageBody.describe('Reemplaza todo el mensaje'),
    send_at: z.iso.datetime({ offset: true }),
    cancel_if_customer_writes: z.boolean(),
  })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

export const scheduledMessage = z
  .object({
    id: uuid(),
    chat_id: uuid(),
    user: person.nullable().describe('Quien lo escribió; null: una clave de API'),
    message_type: z.enum(OUTBOUND_KINDS),
    message: z.record(z.string(), z.unknown()).describe('El contenido, como se enviará'),
    send_at: isoTime(),
    cancel_if_customer_writes: z.boolean(),
    status: z.enum(SCHEDULED_STATUSES),
    reason: z.object({ code: z.string(), message: z.string() }).nullable().describe('Por qué se canceló o falló'),
    message_id: uuid().nullable().describe('El mensaje enviado'),
    settled_at: isoTime().nullable(),
    created_at: isoTime(),
    updated_at: isoTime(),
  })
  .meta({ id: 'ScheduledChatMessage' });
