import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { task } from '../internal/tasks.ts';
import { isoTime, uuid } from '../primitives.ts';

/** A task in events: no description and no comments. */
const taskFacts = {
  taskId: uuid(),
  ...task.pick({
    title: true,
    status: true,
    priority: true,
    conversationId: true,
    assignedUserId: true,
    createdBy: true,
    dueAt: true,
    reminderAt: true,
    followsTaskId: true,
  }).shape,
  contactId: uuid().nullable(),
};

export const taskCreated = defineEvent(
  'conversation.task.created',
  1,
  z.object(taskFacts),
  'A task was made, by a person or as the next of a recurring one',
);
export const taskUpdated = defineEvent(
  'conversation.task.updated',
  1,
  z.object({ ...taskFacts, changed: z.array(z.string()) }),
  'A task was changed; `changed` names its fields',
);
export const taskCompleted = defineEvent(
  'conversation.task.completed',
  1,
  z.object({ ...taskFacts, completedBy: uuid().nullable(), completedAt: isoTime() }),
  'A task is done',
);
export const taskDeleted = defineEvent(
  'conversation.task.deleted',
  1,
  z.object({ taskId: uuid(), contactId: uuid().nullable() }),
  'A task was deleted, or its contact was',
);
export const taskCommented = defineEvent(
  'conversation.task.commented',
  1,
  z.object({ taskId: uuid(), commentId: uuid(), userId: uuid().nullable() }),
  'A person commented on a task',
);

const taskNews = {
  taskId: uuid(),
  title: z.string(),
  assignedUserId: uuid().nullable(),
  createdBy: uuid().nullable(),
};
export const taskReminded = defineEvent(
  'conversation.task.reminded',
  1,
  z.object({ ...taskNews, dueAt: isoTime().nullable(), reminderAt: isoTime() }),
  'The time of a reminder has come, and the task is not done',
);
export const taskDue = defineEvent(
  'conversation.task.fell-due',
  1,
  z.object({ ...taskNews, dueAt: isoTime() }),
  'The time of a task has come and it is not done',
);
