import { isoTime, oneOrMore, PRIORITIES, TASK_SORTS, TASK_STATUSES, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { dayOrTime, pageQuery, person } from '../common/schemas.ts';

export const tasksQuery = z.object({
  assigned_to_user_id: uuid().optional(),
  created_by_user_id: uuid().optional(),
  status: z.enum(TASK_STATUSES).optional(),
  priority: z.enum(PRIORITIES).optional(),
  client_id: uuid().optional(),
  chat_id: uuid().optional(),
  due_after: dayOrTime.optional().describe('Una fecha sola empieza en la zona horaria del tenant'),
  due_before: dayOrTime.optional().describe('Inclusive'),
  overdue: z.stringbool().optional().describe('Vencidas y sin completar'),
  sort: z.enum(TASK_SORTS).default('-created_at').describe('`-`: de mayor a menor'),
  ...pageQuery(20),
});

const recurrence = z.strictObject({
  every: z.enum(['daily', 'weekly', 'monthly']),
  interval: z.number().int().min(1).max(365).default(1).describe('2 con `weekly`: cada dos semanas'),
  until: z.iso.datetime({ offset: true }).nullable().default(null).describe('La última vence entonces o antes'),
});

const moment = z.iso.datetime({ offset: true });
const fields = {
  description: z.string().trim().min(1).max(10_000).nullable().optional(),
  priority: z.enum(PRIORITIES).optional(),
  client_id: uuid().nullable().optional().describe('Sin él, el del chat'),
  chat_id: uuid().nullable().optional(),
  assigned_to_user_id: uuid().nullable().optional().describe('De un usuario activo'),
  due_date: moment.nullable().optional(),
  reminder_date: moment.nullable().optional().describe('Entonces el usuario asignado recibe una notificación'),
  recurrence: recurrence.nullable().optional().describe('Necesita `due_date`'),
};
const title = z.string().trim().min(1).max(200);

export const createTaskBody = z.strictObject({ title, ...fields });
export const updateTaskBody = z
  .strictObject({ title: title.optional(), status: z.enum(TASK_STATUSES).optional(), ...fields })
  .refine(oneOrMore, withCode('no_fields'));
export const completeTaskBody = z.strictObject({
  completion_notes: z.string().trim().min(1).max(4000).nullable().optional(),
});
export const commentBody = z.strictObject({ content: z.string().trim().min(1).max(4000) });

export const task = z
  .object({
    id: uuid(),
    title: z.string(),
    description: z.string().nullable(),
    status: z.enum(TASK_STATUSES),
    priority: z.enum(PRIORITIES),
    client_id: uuid().nullable(),
    client: z
      .object({ id: uuid(), first_name: z.string(), last_name: z.string(), phone_number: z.string().nullable() })
      .nullable(),
    chat_id: uuid().nullable(),
    assigned_to_user_id: uuid().nullable(),
    assigned_to: person.nullable(),
    created_by: person.nullable().describe('null: una clave de API'),
    due_date: isoTime().nullable(),
    reminder_date: isoTime().nullable(),
    is_overdue: z.boolean(),
    recurrence: recurrence.nullable(),
    follows_task_id: uuid().nullable().describe('La tarea que esta repite'),
    comment_count: z.number().int(),
    completion_notes: z.string().nullable(),
    completed_at: isoTime().nullable(),
    completed_by: person.nullable(),
    created_at: isoTime(),
    updated_at: isoTime(),
  })
  .meta({ id: 'CrmTask' });

export const taskComment = z
  .object({
    id: uuid(),
    task_id: uuid(),
    user: person.nullable().describe('null: una clave de API'),
    content: z.string(),
    created_at: isoTime(),
  })
  .meta({ id: 'CrmTaskComment' });

export const commentsQuery = z.object(pageQuery(20));
