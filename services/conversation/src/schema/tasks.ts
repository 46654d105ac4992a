import type { Task, TaskRecurrence } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { index, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** Things to do, about a contact or not. */
export const tasks = schema.table(
  'tasks',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    title: text('title').notNull(),
    description: text('description'),
    status: text('status').$type<Task['status']>().notNull().default('pending'),
    priority: text('priority').$type<Task['priority']>().notNull().default('normal'),
    contactId: uuid('contact_id'),
    conversationId: uuid('conversation_id'),
    assignedUserId: uuid('assigned_user_id'),
    /** Null for an API key. */
    createdBy: uuid('created_by'),
    dueAt: time('due_at'),
    /** What lists by due time go by: tasks without one come last. */
    dueOrder: time('due_order')
      .notNull()
      .generatedAlwaysAs(sql`coalesce(due_at, timestamptz '9999-12-31 00:00:00+00')`),
    reminderAt: time('reminder_at'),
    /** The `due_at` and `reminder_at` that were told: each is told once. */
    dueTold: time('due_told'),
    reminderTold: time('reminder_told'),
    recurrence: jsonb('recurrence').$type<TaskRecurrence>(),
    /** The due time that a series counts from: the 31st stays the 31st after a short month. */
    anchorAt: time('anchor_at'),
    /** The task that this one repeats. */
    followsTaskId: uuid('follows_task_id'),
    completionNotes: text('completion_notes'),
    completedAt: time('completed_at'),
    completedBy: uuid('completed_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // A task has one successor.
    uniqueIndex('tasks_follows').on(t.tenantId, t.followsTaskId).where(sql`${t.followsTaskId} is not null`),
    index('tasks_due').on(t.tenantId, t.dueOrder, t.id),
    index('tasks_assigned').on(t.tenantId, t.assignedUserId, t.id).where(sql`${t.assignedUserId} is not null`),
    index('tasks_created_by').on(t.tenantId, t.createdBy, t.id).where(sql`${t.createdBy} is not null`),
    index('tasks_contact').on(t.tenantId, t.contactId, t.id).where(sql`${t.contactId} is not null`),
    index('tasks_conversation').on(t.tenantId, t.conversationId, t.id).where(sql`${t.conversationId} is not null`),
  ],
);

export const taskComments = schema.table(
  'task_comments',
  {
    tenantId: tenantId(),
    taskId: uuid('task_id').notNull(),
    id: uuid('id').notNull(),
    /** Null for an API key. */
    userId: uuid('user_id'),
    content: text('content').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.taskId, t.id] })],
);
