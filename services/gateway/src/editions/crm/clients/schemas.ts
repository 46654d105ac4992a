import {
  CONVERSATION_STATUSES,
  e164,
  email,
  isoTime,
  LEAD_STATUSES,
  MAX_MERGED,
  TASK_STATUSES,
  tagName,
  text,
  uuid,
} from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from '../common/schemas.ts';

const LEADS = z.enum(LEAD_STATUSES);
const SORTS = ['created_at', 'name', 'lead_score'] as const;
const flag = z.enum(['true', 'false']).optional();
const exactly = (max: number) => z.string().trim().max(max).optional();

/** Filters of a list of clients; an export takes the same. */
export const clientFilters = {
  search: z.string().trim().max(120).optional().describe('Nombre, empresa, teléfono, email o usuario; sin acentos'),
  lead_status: LEADS.optional(),
  segment: exactly(60),
  tag: exactly(60),
  company: exactly(160).describe('Igual a como está escrita'),
  city: exactly(120).describe('Igual a como está escrita'),
  is_blocked: flag,
  opt_in: flag,
};

export const clientsQuery = z.object({
  ...clientFilters,
  sort: z.enum(SORTS).default('created_at'),
  order: z.enum(['asc', 'desc']).optional().describe('Por defecto, nombres desde la A y lo demás de mayor a menor'),
  ...pageQuery(20),
});

const orNone = (max: number) => text(max).nullable().optional();
const customField = z.union([
  z.string().max(1000),
  z.number().min(-1e15).max(1e15),
  z.boolean(),
  z.array(z.string().max(1000)).max(50),
]);

export const createClientBody = z.strictObject({
  phone_number: e164().describe('Con + y código de país. Sus otras formas de escribirse son el mismo cliente'),
  first_name: orNone(120),
  last_name: orNone(120),
  email: email().nullable().optional(),
  company: orNone(160),
  city: orNone(120),
  country: orNone(120),
  address: orNone(400),
  lead_status: LEADS.optional(),
  lead_score: z.number().int().min(0).max(100).optional(),
  ltv: z.number().min(0).max(1e12).multipleOf(0.01).optional(),
  total_purchases: z.number().int().min(0).max(1e9).optional(),
  last_purchase_at: isoTime().nullable().optional(),
  segment: orNone(60),
  notes: z.string().trim().max(5000).nullable().optional(),
  custom_fields: z.record(text(60), customField.nullable()).optional().describe('Los indicados; null quita uno'),
  tags: z.array(tagName).max(50).optional().describe('Exactamente estas'),
  is_blocked: z.boolean().optional().describe('Sus chats salen de las listas y no avisan'),
  opt_in: z.boolean().optional().describe('Si acepta publicidad'),
});

export const updateClientBody = createClientBody.partial();

const known = {
  id: uuid(),
  phone_number: z.string().nullable(),
  first_name: z.string(),
  last_name: z.string(),
  email: z.string().nullable(),
  company: z.string().nullable(),
  city: z.string().nullable(),
  country: z.string().nullable(),
  lead_status: LEADS,
  lead_score: z.number().int(),
  segment: z.string().nullable(),
  tags: z.array(z.string()),
  username: z.string().nullable().describe('El de quien no muestra su teléfono'),
  avatar_url: z.string().nullable(),
  is_blocked: z.boolean(),
  opt_in: z.boolean(),
  total_chats: z.number().int(),
  last_contact_at: isoTime().nullable(),
  created_at: isoTime(),
};

export const client = z.object(known).meta({ id: 'Client' });

const details = {
  address: z.string().nullable(),
  ltv: z.number().describe('En la moneda del tenant, con dos decimales'),
  total_purchases: z.number().int(),
  last_purchase_at: isoTime().nullable(),
  custom_fields: z.record(z.string(), customField),
  notes: z.string().nullable(),
  updated_at: isoTime(),
};

/** What a change of a client answers. */
export const changedClient = client.extend(details).meta({ id: 'ChangedClient' });

export const clientDetail = changedClient
  .extend({
    chats: z
      .array(z.object({ id: uuid(), status: z.enum(CONVERSATION_STATUSES), created_at: isoTime() }))
      .describe('Los 20 últimos, el más nuevo primero'),
    tasks: z
      .array(z.object({ id: uuid(), title: z.string(), due_date: isoTime().nullable(), status: z.enum(TASK_STATUSES) }))
      .nullable()
      .describe('Las 20 que vencen antes, de las que ve quien pregunta; null sin `tasks.read`'),
  })
  .meta({ id: 'ClientDetail' });

export const clientTagBody = z.strictObject({ tag: tagName });
export const clientTagParams = z.strictObject({ id: uuid(), tag: text(60) });
export const clientTags = z.object({ id: uuid(), tags: z.array(z.string()) });

export const clientErasure = z
  .object({
    client_id: uuid(),
    status: z.enum(['running', 'done']),
    requested_at: isoTime(),
    done_at: isoTime().nullable(),
    erased: z
      .object({
        chats: z.number().int(),
        messages: z.number().int(),
        files: z.number().int(),
        notes: z.number().int(),
        tasks: z.number().int(),
      })
      .describe('Hasta ahora'),
    queues_until: isoTime(),
  })
  .meta({ id: 'ClientErasure' });

export const mergeClientsBody = z.strictObject({ client_ids: z.array(uuid()).min(1).max(MAX_MERGED) });
