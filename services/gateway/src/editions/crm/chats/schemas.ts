import {
  CONVERSATION_STATUSES,
  isoTime,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  PRIORITIES,
  SLA_TARGETS,
  shownDetails,
  tagName,
  uuid,
} from '@recado/contracts';
import { z } from 'zod';
import { campaignName, dayOrTime, numberName, pageQuery, person } from '../common/schemas.ts';
import { snakeShape } from '../common/snake-case.ts';
import { chatSurvey } from '../surveys/schemas.ts';

export const chatsQuery = z.object({
  status: z.enum(CONVERSATION_STATUSES).optional(),
  assigned_agent_id: uuid().optional(),
  campaign_id: uuid().optional(),
  priority: z.enum(PRIORITIES).optional(),
  sla: z.enum(['due', 'breached']).optional().describe('Abiertos con un plazo en curso o incumplido'),
  search: z
    .string()
    .trim()
    .max(120)
    .optional()
    .describe('Nombre del cliente o teléfono; encuentra también los archivados y pospuestos'),
  archived: z.stringbool().optional().describe('Sin él, los archivados no aparecen, salvo con `search`'),
  snoozed: z.stringbool().optional().describe('true: los pospuestos. Sin él no aparecen, salvo con `search`'),
  from_date: dayOrTime.optional().describe('Una fecha sola empieza en la zona horaria del tenant'),
  to_date: dayOrTime.optional().describe('Inclusive'),
  ...pageQuery(20),
});

export const direction = z.enum(['inbound', 'outbound']);
const client = z.object({
  id: uuid(),
  first_name: z.string(),
  last_name: z.string(),
  phone_number: z.string().nullable(),
  avatar_url: z.string().nullable(),
  username: z.string().nullable().optional().describe('El de quien no muestra su teléfono'),
  is_group: z.boolean().optional().describe('Es un grupo de WhatsApp y no una persona'),
  marketing_stopped_at: isoTime().nullable().optional().describe('Desde cuándo no quiere publicidad'),
});

const slaClock = z.object({
  target: z.enum(SLA_TARGETS),
  due_at: isoTime().nullable().describe('null mientras está detenido'),
  warned_at: isoTime().nullable(),
  breached_at: isoTime().nullable(),
  ended_at: isoTime().nullable(),
  is_paused: z.boolean(),
});

const away = {
  snoozed_until: isoTime().nullable().optional().describe('Pospuesto hasta entonces, o hasta que el cliente escriba'),
  is_archived: z.boolean().optional(),
};

export const chat = z
  .object({
    id: uuid(),
    client,
    campaign: campaignName.nullable(),
    whatsapp_number: numberName,
    assigned_agent: person.nullable(),
    status: z.enum(CONVERSATION_STATUSES),
    priority: z.enum(PRIORITIES),
    message_count: z.number().int(),
    last_message: z.object({ id: uuid(), content: z.string(), direction, created_at: isoTime() }).nullable(),
    unread_count: z.number().int(),
    created_at: isoTime(),
    last_message_at: isoTime().nullable(),
    awaited_since: isoTime()
      .nullable()
      .optional()
      .describe('Primer mensaje del cliente aún sin respuesta de un agente'),
    sla: z.array(slaClock).optional().describe('Los plazos de su campaña'),
    ...away,
  })
  .meta({ id: 'Chat' });

export const chatNote = z
  .object({
    id: uuid(),
    user: person.nullable().describe('null: una clave de API'),
    content: z.string(),
    mentions: z.array(person).optional(),
    created_at: isoTime(),
  })
  .meta({ id: 'ChatNote' });

export const mention = chatNote.extend({ chat_id: uuid() }).meta({ id: 'ChatMention' });

export const chatDetail = z
  .object({
    id: uuid(),
    client: client.extend({
      email: z.string().nullable(),
      lead_status: z.string().nullable(),
      tags: z.array(z.string()).nullable(),
      notes: z.string().nullable(),
      custom_fields: z.record(z.string(), z.unknown()).nullable(),
    }),
    campaign: campaignName.nullable(),
    whatsapp_number: numberName,
    assigned_agent: person.extend({ agent_status: z.string() }).nullable(),
    status: z.enum(CONVERSATION_STATUSES),
    priority: z.enum(PRIORITIES),
    tags: z.array(z.string()),
    notes: z.array(chatNote).describe('Las 50 últimas, la más nueva primero'),
    bot_context: z.record(z.string(), z.unknown()).nullable(),
    metrics: z.object({
      wait_time_seconds: z.number().int().nullable(),
      first_response_time_seconds: z.number().int().nullable(),
      handling_time_seconds: z.number().int().nullable(),
      inbound_count: z.number().int().optional(),
      outbound_count: z.number().int().optional(),
      reopen_count: z.number().int().optional(),
      answer_count: z.number().int().optional().describe('Respuestas de agentes a un cliente que esperaba'),
      average_answer_seconds: z.number().int().nullable().optional(),
    }),
    created_at: isoTime(),
    assigned_at: isoTime().nullable(),
    first_response_at: isoTime().nullable(),
    last_message_at: isoTime().nullable(),
    awaited_since: isoTime().nullable().optional(),
    sla: z.array(slaClock).optional().describe('Los plazos de su campaña'),
    ...away,
    participants: z
      .array(
        z.object({
          name: z.string().nullable(),
          phone_number: z.string().nullable(),
          is_admin: z.boolean().optional(),
          last_message_at: isoTime().nullable(),
        }),
      )
      .optional()
      .describe('De un grupo: quienes participan en él'),
    survey: chatSurvey.optional().describe('De un chat cerrado: la encuesta al cliente'),
  })
  .meta({ id: 'ChatDetail' });

const agentId = uuid().describe('De un usuario activo');
const why = z.string().trim().min(1).max(500).nullable().optional();

export const assignBody = z.strictObject({
  agent_id: agentId.nullable().describe('null: espera a un agente'),
  reason: why,
});

export const transferBody = z.discriminatedUnion('target_type', [
  z.strictObject({ target_type: z.literal('agent'), target_id: agentId, reason: why }),
  z.strictObject({ target_type: z.literal('campaign'), target_id: uuid(), reason: why }),
  z.strictObject({ target_type: z.literal('queue'), target_id: uuid().nullable().optional(), reason: why }),
]);

export const closeBody = z.strictObject({
  close_reason: z.string().trim().min(1).max(120).nullable().optional(),
  outcome: z.string().trim().min(1).max(120).nullable().optional(),
  outcome_value: z.number().min(0).max(1e12).nullable().optional(),
  notes: z.string().trim().min(1).max(4000).nullable().optional().describe('Queda como nota interna'),
});

export const tagBody = z.strictObject({ tag: tagName });
export const noteBody = z.strictObject({
  content: z.string().trim().min(1).max(4000),
  mentions: z.array(uuid()).max(20).optional().describe('Usuarios activos: cada uno recibe una notificación'),
});

export const mentionsQuery = z.object(pageQuery(20));
export const priorityBody = z.strictObject({ priority: z.enum(PRIORITIES) });

/** What a change of a chat answers. */
export const movedChat = z
  .object({
    id: uuid(),
    status: z.enum(CONVERSATION_STATUSES),
    priority: z.enum(PRIORITIES),
    assigned_agent: person.nullable(),
    assigned_at: isoTime().nullable(),
    closed_at: isoTime().nullable(),
    close_reason: z.string().nullable(),
    outcome: z.string().nullable(),
    outcome_value: z.number().nullable(),
    tags: z.array(z.string()),
    ...away,
  })
  .meta({ id: 'MovedChat' });

export const snoozeBody = z.strictObject({
  until: z.iso.datetime({ offset: true }).describe('Como máximo dentro de un año'),
});

export const chatCounts = z
  .object({
    open: z.number().int().describe('Ni cerrados ni pospuestos; también los siguientes'),
    unassigned: z.number().int(),
    mine: z.number().int(),
    unread: z.number().int(),
    mine_unread: z.number().int(),
    snoozed: z.number().int(),
    mine_snoozed: z.number().int(),
    by_status: z.partialRecord(z.enum(CONVERSATION_STATUSES), z.number().int()),
  })
  .meta({ id: 'ChatCounts' });

export const chatTags = z.object({ id: uuid(), tags: z.array(z.string()) });

export const messagesQuery = z.object(pageQuery(50));

export const messageError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  detail: z.string().optional().describe('Lo que dijo WhatsApp'),
});

export const chatMessage = z
  .object({
    id: uuid(),
    direction,
    message_type: z.enum(MESSAGE_TYPES),
    content: z.string(),
    status: z.enum(MESSAGE_STATUSES),
    user: person.nullable(),
    is_bot_message: z.boolean(),
    created_at: isoTime(),
    sent_at: isoTime().nullable(),
    delivered_at: isoTime().nullable(),
    read_at: isoTime().nullable(),
    whatsapp_message_id: z.string().nullable().describe('El de `context.quoted` y `reaction`'),
    error: messageError.optional().describe('Por qué falló y qué hacer'),
    ...snakeShape(shownDetails.shape),
  })
  .meta({ id: 'ChatMessage' });
