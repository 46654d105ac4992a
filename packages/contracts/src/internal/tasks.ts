import { z } from 'zod';
import { withCode } from '../errors.ts';
import { isoTime, oneOrMore, text, uuid, walked, walkQuery } from '../primitives.ts';
import { route } from '../route.ts';
import { PRIORITIES } from './conversation-records.ts';
import { TASK_STATUSES } from './statuses.ts';

export const TASK_SORTS = ['created_at', '-created_at', 'due_date', '-due_date'] as const;

export const taskRecurrence = z
  .strictObject({
    every: z.enum(['daily', 'weekly', 'monthly']),
    interval: z.number().int().min(1).max(365).default(1).describe('2 with `weekly`: every other week'),
    until: isoTime().nullable().default(null).describe('The last one is due at or before'),
  })
  .meta({ id: 'TaskRecurrence' });
export type TaskRecurrence = z.infer<typeof taskRecurrence>;

export const task = z
  .object({
    id: uuid(),
    title: z.string(),
    description: z.string().nullable(),
    status: z.enum(TASK_STATUSES),
    priority: z.enum(PRIORITIES),
    contact: z.object({ id: uuid(), name: z.string().nullable(), phone: z.string().nullable() }).nullable(),
    conversationId: uuid().nullable(),
    assignedUserId: uuid().nullable(),
    createdBy: uuid().nullable().describe('Null for an API key'),
    dueAt: isoTime().nullable(),
    reminderAt: isoTime().nullable(),
    isOverdue: z.boolean().describe('Its time has come and it is not done'),
    recurrence: taskRecurrence.nullable(),
    followsTaskId: uuid().nullable().describe('The task that this one repeats'),
    commentCount: z.number().int(),
    completionNotes: z.string().nullable(),
    completedAt: isoTime().nullable(),
    completedBy: uuid().nullable(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof task>;

export const taskComment = z
  .object({
    id: uuid(),
    taskId: uuid(),
    userId: uuid().nullable().describe('Null for an API key'),
    content: z.string(),
    createdAt: isoTime(),
  })
  .meta({ id: 'TaskComment' });
export type TaskComment = z.infer<typeof taskComment>;

const params = z.strictObject({ taskId: uuid() });

/** What people write on a task. */
const fields = {
  description: text(10_000).nullable().optional(),
  priority: z.enum(PRIORITIES).optional(),
  contactId: uuid().nullable().optional().describe("Not given with a conversation: the conversation's"),
  conversationId: uuid().nullable().optional(),
  assignedUserId: uuid().nullable().optional().describe('An active user'),
  dueAt: isoTime().nullable().optional(),
  reminderAt: isoTime().nullable().optional(),
  recurrence: taskRecurrence.nullable().optional().describe('Needs `dueAt`'),
};

/**
 * Things to do, about a contact or not. Who lacks tasks.manage sees what they made or got; another
 * task is like a missing one.
 */
export const taskRoutes = {
  listTasks: route({
    method: 'GET',
    path: '/tasks',
    access: 'tasks.read',
    query: z.strictObject({
      status: z.enum(TASK_STATUSES).optional(),
      priority: z.enum(PRIORITIES).optional(),
      assignedUserId: uuid().optional(),
      createdBy: uuid().optional(),
      contactId: uuid().optional(),
      conversationId: uuid().optional(),
      dueFrom: isoTime().optional().describe('Due at or after'),
      dueTo: isoTime().optional().describe('Due at or before'),
      overdue: z.stringbool().optional(),
      sort: z.enum(TASK_SORTS).default('-created_at').describe('By due date, those without one stand last'),
      ...walkQuery,
    }),
    responses: { 200: walked(task) },
    summary: 'Tasks, the last made first unless `sort` says else (tasks.read)',
  }),
  getTask: route({
    method: 'GET',
    path: '/tasks/:taskId',
    access: 'tasks.read',
    params,
    responses: { 200: task },
    summary: 'One task (tasks.read)',
  }),
  createTask: route({
    method: 'POST',
    path: '/tasks',
    access: 'tasks.create',
    once: true,
    body: z.strictObject({ title: text(200), ...fields }),
    responses: { 201: task },
    audit: 'task.create',
    summary: 'Make a task (tasks.create). Its reminder and its due time become notifications of the assignee',
  }),
  updateTask: route({
    method: 'PATCH',
    path: '/tasks/:taskId',
    access: 'tasks.update',
    params,
    body: z
      .strictObject({ title: text(200).optional(), status: z.enum(TASK_STATUSES).optional(), ...fields })
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: task },
    audit: 'task.update',
    summary: 'Change a task (tasks.update). A new time moves its reminder; done or cancelled, it has none',
  }),
  completeTask: route({
    method: 'POST',
    path: '/tasks/:taskId/complete',
    access: 'tasks.update',
    once: { none: 'A completed task stays as it was completed' },
    params,
    body: z.strictObject({ notes: text(4000).nullable().optional() }),
    responses: { 200: task },
    audit: 'task.complete',
    summary: 'Complete a task (tasks.update). Of a recurring one the next is made',
  }),
  deleteTask: route({
    method: 'DELETE',
    path: '/tasks/:taskId',
    access: 'tasks.delete',
    params,
    responses: { 204: z.null() },
    audit: 'task.delete',
    summary: 'Delete a task with its comments (tasks.delete). A recurring one ends',
  }),
  addTaskComment: route({
    method: 'POST',
    path: '/tasks/:taskId/comments',
    access: 'tasks.update',
    once: true,
    params,
    body: z.strictObject({ content: text(4000) }),
    responses: { 201: taskComment },
    audit: 'task.comment',
    summary: 'Comment on a task (tasks.update)',
  }),
  listTaskComments: route({
    method: 'GET',
    path: '/tasks/:taskId/comments',
    access: 'tasks.read',
    params,
    query: z.strictObject(walkQuery),
    responses: { 200: walked(taskComment) },
    summary: 'The comments of a task, the last written first (tasks.read)',
  }),
};
