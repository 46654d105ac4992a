import type { Task, TaskComment } from '@recado/contracts';
import { isOpen } from './rules.ts';
import type { CommentRow, ShownTask, TaskRow } from './store.ts';

const time = (at: Date | null): string | null => at?.toISOString() ?? null;

/** The task as the internal API shows it. */
export const taskView = (row: ShownTask, now: Date): Task => ({
  id: row.id,
  title: row.title,
  description: row.description,
  status: row.status,
  priority: row.priority,
  contact: row.contactId === null ? null : { id: row.contactId, name: row.contactName, phone: row.contactPhone },
  conversationId: row.conversationId,
  assignedUserId: row.assignedUserId,
  createdBy: row.createdBy,
  dueAt: time(row.dueAt),
  reminderAt: time(row.reminderAt),
  isOverdue: isOpen(row) && row.dueAt !== null && row.dueAt < now,
  recurrence: row.recurrence,
  followsTaskId: row.followsTaskId,
  commentCount: row.commentCount,
  completionNotes: row.completionNotes,
  completedAt: time(row.completedAt),
  completedBy: row.completedBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** The task in events. */
export const taskFacts = (row: TaskRow) => ({
  taskId: row.id,
  title: row.title,
  status: row.status,
  priority: row.priority,
  contactId: row.contactId,
  conversationId: row.conversationId,
  assignedUserId: row.assignedUserId,
  createdBy: row.createdBy,
  dueAt: time(row.dueAt),
  reminderAt: time(row.reminderAt),
  followsTaskId: row.followsTaskId,
});

/** What the audit log compares. What people wrote stays out: it may tell of a customer. */
export const auditedTask = (row: TaskRow) => ({
  status: row.status,
  priority: row.priority,
  contactId: row.contactId,
  conversationId: row.conversationId,
  assignedUserId: row.assignedUserId,
  dueAt: time(row.dueAt),
  reminderAt: time(row.reminderAt),
  recurrence: row.recurrence,
});

export const commentView = ({ tenantId: _, createdAt, ...comment }: CommentRow): TaskComment => ({
  ...comment,
  createdAt: createdAt.toISOString(),
});
