import type { Task } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { filterTime } from '../common/dates.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import {
  commentBody,
  commentsQuery,
  completeTaskBody,
  createTaskBody,
  task,
  taskComment,
  tasksQuery,
  updateTaskBody,
} from './schemas.ts';
import { commentView, peopleOf, taskView } from './views.ts';

const tasks = { tag: 'Tasks', auth: 'bearer' } as const;
const oneTask = { ...tasks, entity: 'task', params: idParams } as const;

/** A task's field names inside, as this edition spells them. */
const FIELDS = {
  contactId: 'client_id',
  conversationId: 'chat_id',
  assignedUserId: 'assigned_to_user_id',
  dueAt: 'due_date',
  reminderAt: 'reminder_date',
};

export const taskRoutes = [
  editionRoute({
    ...tasks,
    method: 'GET',
    path: '/tasks',
    summary: 'Listar tareas',
    description: 'Sin el permiso `tasks.manage`, solo las asignadas al usuario y las que creó.',
    permission: 'tasks.read',
    fields: FIELDS,
    query: tasksQuery,
    responses: { 200: paged(task) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, status, priority, overdue, sort } = query;
      const filter = {
        assignedUserId: query.assigned_to_user_id,
        createdBy: query.created_by_user_id,
        contactId: query.client_id,
        conversationId: query.chat_id,
        overdue: overdue === undefined ? undefined : String(overdue),
        ...(await dueBetween(deps, call, query)),
      };
      const list = await deps.clients.conversation.listTasks(
        { query: { page, limit, cursor, status, priority, sort, ...filter } },
        call,
      );
      const users = await deps.directory.users(call, peopleOf(list.items));
      return { data: list.items.map((item) => taskView(item, users)), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...tasks,
    method: 'POST',
    path: '/tasks',
    summary: 'Crear tarea',
    permission: 'tasks.create',
    fields: FIELDS,
    body: createTaskBody,
    responses: { 201: task },
    handle: async ({ body, deps, call }) =>
      shown(
        deps,
        call,
        await deps.clients.conversation.createTask({ body: { title: body.title, ...inside(body) } }, call),
      ),
  }),
  editionRoute({
    ...oneTask,
    method: 'GET',
    path: '/tasks/:id',
    summary: 'Obtener tarea por ID',
    permission: 'tasks.read',
    responses: { 200: task },
    handle: async ({ params, deps, call }) =>
      shown(deps, call, await deps.clients.conversation.getTask({ params: { taskId: params.id } }, call)),
  }),
  editionRoute({
    ...oneTask,
    method: 'PUT',
    path: '/tasks/:id',
    summary: 'Actualizar tarea',
    description: 'Solo cambian los campos enviados. Una fecha nueva mueve el recordatorio.',
    permission: 'tasks.update',
    fields: FIELDS,
    body: updateTaskBody,
    responses: { 200: task },
    handle: async ({ params, body, deps, call }) => {
      const change = { title: body.title, status: body.status, ...inside(body) };
      const input = { params: { taskId: params.id }, body: change };
      return shown(deps, call, await deps.clients.conversation.updateTask(input, call));
    },
  }),
  editionRoute({
    ...oneTask,
    method: 'POST',
    path: '/tasks/:id/complete',
    summary: 'Marcar tarea como completada',
    description: 'Una completada queda como estaba. De una tarea que se repite se crea la siguiente.',
    permission: 'tasks.update',
    body: completeTaskBody,
    responses: { 200: task },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { taskId: params.id }, body: { notes: body.completion_notes } };
      return shown(deps, call, await deps.clients.conversation.completeTask(input, call));
    },
  }),
  editionRoute({
    ...oneTask,
    method: 'DELETE',
    path: '/tasks/:id',
    summary: 'Eliminar tarea',
    permission: 'tasks.delete',
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.conversation.deleteTask({ params: { taskId: params.id } }, call),
  }),
  editionRoute({
    ...oneTask,
    method: 'POST',
    path: '/tasks/:id/comments',
    summary: 'Agregar comentario a tarea',
    permission: 'tasks.update',
    body: commentBody,
    responses: { 201: taskComment },
    handle: async ({ params, body, deps, call }) => {
      const made = await deps.clients.conversation.addTaskComment({ params: { taskId: params.id }, body }, call);
      return commentView(made, await deps.directory.users(call, [made.userId]));
    },
  }),
  editionRoute({
    ...oneTask,
    method: 'GET',
    path: '/tasks/:id/comments',
    summary: 'Listar comentarios de tarea',
    description: 'El último primero.',
    permission: 'tasks.read',
    query: commentsQuery,
    responses: { 200: paged(taskComment) },
    handle: async ({ params, query, deps, call }) => {
      const list = await deps.clients.conversation.listTaskComments({ params: { taskId: params.id }, query }, call);
      const users = await deps.directory.users(
        call,
        list.items.map(({ userId }) => userId),
      );
      return { data: list.items.map((item) => commentView(item, users)), meta: pageMeta(query, list) };
    },
  }),
];

async function shown(deps: GatewayDeps, call: CallContext, found: Task) {
  return taskView(found, await deps.directory.users(call, peopleOf([found])));
}

const utc = (at: string | null | undefined) => at && new Date(at).toISOString();

/** What a body says of a task, in the names inside. Times may have any offset. */
function inside(body: Omit<z.output<typeof updateTaskBody>, 'title' | 'status'>) {
  const { description, priority, client_id, chat_id, assigned_to_user_id, recurrence } = body;
  return {
    description,
    priority,
    contactId: client_id,
    conversationId: chat_id,
    assignedUserId: assigned_to_user_id,
    dueAt: utc(body.due_date),
    reminderAt: utc(body.reminder_date),
    recurrence: recurrence && { ...recurrence, until: utc(recurrence.until) },
  };
}

async function dueBetween(
  deps: GatewayDeps,
  call: CallContext,
  { due_after, due_before }: z.output<typeof tasksQuery>,
): Promise<{ dueFrom?: string | undefined; dueTo?: string | undefined }> {
  if (!due_after && !due_before) return {};
  const { timezone } = await deps.directory.tenant(call);
  return {
    dueFrom: due_after && filterTime(due_after, timezone, false),
    dueTo: due_before && filterTime(due_before, timezone, true),
  };
}
