import {
  isoTime,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  messageSnippet,
  phonePart,
  shownDetails,
  uuid,
} from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';
import { chat, chatMessage, direction, messageError } from '../chats/schemas.ts';
import { dayOrTime, numberName, person } from '../common/schemas.ts';
import { snakeShape } from '../common/snake-case.ts';

export const sentMessage = z
  .object({
    id: uuid(),
    chat_id: uuid(),
    direction,
    message_type: z.enum(MESSAGE_TYPES),
    content: z.string(),
    status: z.enum(MESSAGE_STATUSES),
    created_at: isoTime(),
    ...snakeShape(shownDetails.shape),
  })
  .meta({ id: 'SentMessage' });

export const readMessage = z
  .object({
    id: uuid(),
    chat_id: uuid(),
    read_at: isoTime().nullable().describe('De un mensaje enviado, cuándo lo leyó el cliente'),
    unread_count: z.number().int().describe('Los que quedan sin leer en el chat'),
  })
  .meta({ id: 'ReadMessage' });

const step = z.object({
  event: z.enum(['received', 'accepted', 'attempt', 'status']),
  at: isoTime(),
  attempt: z.number().int().nullable().describe('El número del intento de envío'),
  result: z
    .enum(['sent', 'retry', 'failed', 'uncertain'])
    .nullable()
    .describe('Del intento. `retry`: se intentó de nuevo; `uncertain`: no se sabe si llegó, y no se repite'),
  duration_ms: z.number().int().nullable(),
  status: z.enum(MESSAGE_STATUSES).nullable(),
  source: z.enum(['webhook', 'dispatch']).nullable().describe('Del proveedor, o del propio envío'),
  participant: z.string().nullable().describe('En un grupo, de quién es el aviso'),
  whatsapp_message_id: z.string().nullable(),
  price: z
    .object({
      billable: z.boolean().nullable(),
      model: z.string().nullable(),
      type: z.string().nullable(),
      category: z.string().nullable(),
    })
    .nullable(),
  whatsapp_conversation: z
    .object({ id: z.string().nullable(), origin: z.string().nullable(), expires_at: isoTime().nullable() })
    .nullable()
    .describe('La conversación del proveedor, por la que quizá cobra'),
  error: messageError.nullable(),
});

export const messageDetail = chatMessage
  .extend({
    chat_id: uuid(),
    error: messageError.nullable(),
    queue: z
      .object({
        state: z.enum(['queued', 'sending', 'sent', 'failed', 'uncertain']),
        next_attempt_at: isoTime().nullable(),
      })
      .nullable()
      .describe('Dónde está su envío; null si es un mensaje recibido'),
    retry_of: uuid().nullable().describe('El mensaje fallido que este reenvía'),
    retried_by: uuid().nullable().describe('El mensaje que reenvía este'),
    former: z
      .array(z.object({ message_type: z.enum(MESSAGE_TYPES), content: z.string(), at: isoTime() }))
      .optional()
      .describe('Lo que era antes de que su autor lo editara o eliminara; solo para quien ve la auditoría'),
    history: z.array(step).describe('En orden'),
  })
  .meta({ id: 'MessageDetail' });

export const undeliveredQuery = z.object({
  whatsapp_number_id: uuid().optional(),
  code: z.string().trim().min(1).max(64).optional().describe('El código del error'),
  client_id: uuid().optional(),
  phone: phonePart().optional().describe('El teléfono del cliente, o una parte'),
  from_date: dayOrTime.optional().describe('Cuándo falló; sin ella, los últimos 30 días'),
  to_date: dayOrTime.optional().describe('Inclusive'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
});

const undelivered = z
  .object({
    id: uuid(),
    chat_id: uuid(),
    client: z.object({
      id: uuid(),
      first_name: z.string(),
      last_name: z.string(),
      phone_number: z.string().nullable(),
      avatar_url: z.string().nullable(),
    }),
    whatsapp_number: numberName,
    user: person.nullable(),
    message_type: z.enum(MESSAGE_TYPES),
    content: z.string(),
    created_at: isoTime(),
    failed_at: isoTime().describe('De uno incierto, desde cuándo'),
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
    attempts: z.array(step).describe('Cada intento de envío y su respuesta'),
    retried_by: uuid().nullable().describe('El mensaje que lo reenvía'),
  })
  .meta({ id: 'UndeliveredMessage' });

export const undeliveredPage = z.object({
  data: z.array(undelivered),
  meta: z.object({ per_page: z.number().int(), next_cursor: nextCursorField('es') }),
});

export const searchQuery = z.object({
  query: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .describe('`hola`, `reserv*`, `"buenos días"`: el mensaje debe tenerlo todo; acentos y mayúsculas no cuentan'),
  chat_id: uuid().optional(),
  agent_id: uuid().optional().describe('Escritos por este usuario, o en chats asignados a él'),
  direction: direction.optional(),
  from_date: dayOrTime.optional().describe('Una fecha sola empieza en la zona horaria del tenant'),
  to_date: dayOrTime.optional().describe('Inclusive'),
  sort: z.enum(['time', 'relevance']).default('time').describe('relevance: los mejores de los 500 últimos'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: cursorField('es'),
});

export const foundPage = z.object({
  data: z.array(
    chatMessage
      .extend({
        chat_id: uuid(),
        chat: chat.pick({ id: true, client: true, status: true, assigned_agent: true }),
        snippet: messageSnippet.describe('Lo que se encontró está marcado, en unidades UTF-16'),
      })
      .meta({ id: 'FoundMessage' }),
  ),
  meta: z.object({
    per_page: z.number().int(),
    next_cursor: nextCursorField('es'),
    is_complete: z
      .boolean()
      .describe('false: se acabó el tiempo y `next_cursor` continúa (por fecha), o aún se leen mensajes antiguos'),
  }),
});
