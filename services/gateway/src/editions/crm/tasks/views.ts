import type { Task, TaskComment, User } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { personNames } from '../chats/views.ts';
import { personView } from '../common/views.ts';
import type * as schemas from './schemas.ts';

type Users = ReadonlyMap<string, User>;
const personOf = (users: Users, id: string | null) => (id === null ? null : personView(users.get(id)));

/** The users that a page of tasks names. */
export const peopleOf = (tasks: readonly Task[]): (string | null)[] =>
  tasks.flatMap(({ assignedUserId, createdBy, completedBy }) => [assignedUserId, createdBy, completedBy]);

export const taskView = (task: Task, users: Users): View<typeof schemas.task> => ({
  id: task.id,
  title: task.title,
  description: task.description,
  status: task.status,
  priority: task.priority,
  client_id: task.contact?.id ?? null,
  client: task.contact && {
    id: task.contact.id,
    ...personNames(task.contact),
    phone_number: task.contact.phone,
  },
  chat_id: task.conversationId,
  assigned_to_user_id: task.assignedUserId,
  assigned_to: personOf(users, task.assignedUserId),
  created_by: personOf(users, task.createdBy),
  due_date: task.dueAt,
  reminder_date: task.reminderAt,
  is_overdue: task.isOverdue,
  recurrence: task.recurrence,
  follows_task_id: task.followsTaskId,
  comment_count: task.commentCount,
  completion_notes: task.completionNotes,
  completed_at: task.completedAt,
  completed_by: personOf(users, task.completedBy),
  created_at: task.createdAt,
  updated_at: task.updatedAt,
});

export const commentView = (comment: TaskComment, users: Users): View<typeof schemas.taskComment> => ({
  id: comment.id,
  task_id: comment.taskId,
  user: personOf(users, comment.userId),
  content: comment.content,
  created_at: comment.createdAt,
});
