import { characters, isoTime, MESSAGE_STATUSES, MESSAGE_TYPES, phonePart, shownDetails, uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField } from '../../../edge/cursors.ts';
import { nextCursor } from '../common/schemas.ts';

export const conversationParams = z.strictObject({ conversationId: uuid() });

export const sendBody = z.strictObject({
  to: z.string().trim().min(5).max(32).describe('Teléfono; sin código de país se lee en el país de la organización'),
  text: characters(4096),
});

export const bulkBody = z.strictObject({
  recipients: z
    .array(z.string().trim().min(5).max(32))
    .min(1)
    .max(1000)
    .describe('Teléfonos; sin código de país se leen en el país de la organización'),
  text: characters(4096),
  delayBetweenMessages: z.number().int().min(0).max(60_000).default(1000).describe('Milisegundos'),
});

export const bulkQueued = z.object({
  totalQueued: z.number().int().describe('Cada contacto recibe uno'),
  estimatedTime: z.number().int().describe('Segundos'),
  jobs: z.array(z.string()),
});

const messageError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  detail: z.string().optional().describe('Lo que dijo WhatsApp'),
});

export const message = z
  .object({
    id: uuid(),
    content: z.string(),
    type: z.enum(MESSAGE_TYPES),
    direction: z.enum(['inbound', 'outbound']),
    status: z.enum(MESSAGE_STATUSES),
    aiContext: z.object({ generatedByAI: z.literal(true), model: z.string().nullable() }).nullable(),
    createdAt: isoTime(),
    whatsappMessageId: z.string().nullable().describe('El de `context.quoted` y `reaction`'),
    error: messageError.optional().describe('Por qué falló y qué hacer'),
    ...shownDetails.shape,
  })
  .meta({ id: 'Message' });

export const queued = z.object({
  message,
  conversation: z.object({ id: uuid(), contactNumber: z.string().nullable(), contactName: z.string().nullable() }),
  job: z.object({ id: z.string(), status: z.literal('queued') }),
});

export const messagesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  cursor: cursorField('es'),
});

export const undeliveredQuery = z.object({
  instanceId: uuid().optional(),
  code: z.string().trim().min(1).max(64).optional().describe('El código del error'),
  contactId: uuid().optional(),
  phone: phonePart().optional().describe('El teléfono del contacto, o una parte'),
  from: z.iso.datetime().optional().describe('Cuándo falló; sin él, los últimos 30 días'),
  to: z.iso.datetime().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
});

export const undelivered = z
  .object({
    message,
    instance: z.object({ id: uuid(), name: z.string().nullable() }),
    conversationId: uuid(),
    contactNumber: z.string().nullable(),
    contactName: z.string().nullable(),
    failedAt: isoTime().describe('De uno incierto, desde cuándo'),
    state: z.enum(['failed', 'uncertain']).describe('`uncertain`: aún puede llegar su estado'),
    settles: z
      .object({
        by: z
          .enum(['status', 'person'])
          .describe('`status`: el aviso de estado de WhatsApp; `person`: hay que preguntar al cliente'),
        until: isoTime().nullable().describe('Si no llega antes, cuenta como fallido'),
      })
      .nullable()
      .describe('Lo que dirá si llegó; null si se sabe que no'),
    error: messageError.nullable(),
    retriedBy: uuid().nullable().describe('El mensaje que lo reenvía'),
    attempts: z
      .array(
        z.object({
          number: z.number().int(),
          startedAt: isoTime().nullable(),
          endedAt: isoTime(),
          result: z.enum(['sent', 'retry', 'failed', 'uncertain']),
          error: messageError.nullable(),
        }),
      )
      .describe('Cada intento de envío y su respuesta'),
  })
  .meta({ id: 'UndeliveredMessage' });

export const undeliveredList = z.object({ message: z.string(), data: z.array(undelivered), nextCursor });
