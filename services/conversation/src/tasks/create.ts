import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  changesBetween,
  type conversationApi,
  conversationAudit,
  FIELD_CODES,
  type RouteInput,
  type Task,
  taskCreated,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { findAssigneeProblem, resolveContact } from './named.ts';
import { getTask, insertTask, type TaskRow } from './store.ts';
import { timerChanges } from './timers.ts';
import { auditedTask, taskFacts, taskView } from './views.ts';

type Input = RouteInput<typeof conversationApi.createTask>['body'];

/**
 * Makes a task and orders its timers.
 * @throws ValidationFailed naming a contact, conversation or user that the tenant does not have
 */
export async function createTask(deps: Deps, caller: Caller, origin: AuditOrigin, input: Input): Promise<Task> {
  const { tenantId, userId: createdBy } = caller;
  const { title, description = null, priority = 'normal', conversationId = null, assignedUserId = null } = input;
  checkRecurrence(input.recurrence ?? null, input.dueAt ?? null);
  const problems = assignedUserId === null ? [] : await findAssigneeProblem(deps, tenantId, assignedUserId);
  const now = deps.now();
  const work = async (tx: Tx): Promise<Task> => {
    const contactId = await resolveContact(tx, tenantId, input, problems);
    const dueAt = input.dueAt ? new Date(input.dueAt) : null;
    const row: TaskRow = {
      ...{ tenantId, id: uuidv7(), title, description, priority, contactId, conversationId, assignedUserId, createdBy },
      ...{ status: 'pending', dueAt, reminderAt: input.reminderAt ? new Date(input.reminderAt) : null },
      ...{ dueTold: null, reminderTold: null, recurrence: input.recurrence ?? null, anchorAt: dueAt },
      ...{ followsTaskId: null, completionNotes: null, completedAt: null, completedBy: null },
      ...{ createdAt: now, updatedAt: now },
    };
    await insertTask(tx, row);
    const { traceparent } = origin;
    const what = { action: 'task.create', entityType: 'task', entityId: row.id };
    await enqueue(tx, [
      buildEvent(taskCreated, { tenantId, subject: row.id, traceparent, data: taskFacts(row) }),
      ...timerChanges(null, row, now, traceparent),
      buildAudit(conversationAudit, origin, { ...what, changes: changesBetween(null, auditedTask(row)) }),
    ]);
    return taskView(await getTask(tx, tenantId, null, row.id), now);
  };
  return withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
}

/** @throws ValidationFailed naming `dueAt` of a recurring task without one */
export function checkRecurrence(recurrence: object | null, dueAt: unknown): void {
  if (recurrence === null || dueAt !== null) return;
  throw new ValidationFailed([{ field: 'dueAt', message: FIELD_CODES.due_needed, code: 'due_needed' }]);
}
