import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  changesBetween,
  type conversationApi,
  conversationAudit,
  type RouteInput,
  type Task,
  taskCompleted,
  taskUpdated,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { checkRecurrence } from './create.ts';
import { findAssigneeProblem, resolveContact } from './named.ts';
import { taskPersonOf } from './seen.ts';
import { getTask, lockTask, patchTask, type TaskRow } from './store.ts';
import { makeSuccessor } from './successor.ts';
import { timerChanges } from './timers.ts';
import { auditedTask, taskFacts, taskView } from './views.ts';

type Input = RouteInput<typeof conversationApi.updateTask>['body'];

/** Who changes which task. */
interface TaskContext {
  caller: Caller;
  origin: AuditOrigin;
  taskId: string;
}

/**
 * Changes a task, and emits no event when nothing changed.
 * @throws NotFound `task`; ValidationFailed naming what the tenant does not have
 */
export async function updateTask(deps: Deps, by: TaskContext, input: Input): Promise<Task> {
  const { caller, taskId } = by;
  const { tenantId } = caller;
  const person = taskPersonOf(caller);
  const problems = input.assignedUserId ? await findAssigneeProblem(deps, tenantId, input.assignedUserId) : [];
  const now = deps.now();
  return withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockTask(tx, tenantId, person, taskId);
    const after = changed(before, input, caller, now);
    checkRecurrence(after.recurrence, after.dueAt);
    const named = 'contactId' in input || 'conversationId' in input;
    if (named || problems.length > 0)
      after.contactId = await resolveContact(tx, tenantId, namedBy(after, input), problems);
    await applyTask(tx, deps, by.origin, { before, after, action: 'task.update', now });
    // Who gave a task away still learns what became of it.
    return taskView(await getTask(tx, tenantId, null, taskId), now);
  });
}

/** A conversation that is named without a contact brings its own. */
const namedBy = (after: TaskRow, input: Input) => ({
  contactId: input.conversationId && input.contactId === undefined ? undefined : after.contactId,
  conversationId: after.conversationId,
});

function changed(before: TaskRow, input: Input, { userId }: Caller, now: Date): TaskRow {
  const { title = before.title, description = before.description, priority = before.priority } = input;
  const { contactId = before.contactId, conversationId = before.conversationId } = input;
  const { assignedUserId = before.assignedUserId, recurrence = before.recurrence, status = before.status } = input;
  const dueAt = timeOf(input.dueAt, before.dueAt);
  const reminderAt = timeOf(input.reminderAt, before.reminderAt);
  const moved = dueAt?.getTime() !== before.dueAt?.getTime();
  const words = { title, description, priority, contactId, conversationId, assignedUserId };
  const after = {
    ...before,
    ...words,
    dueAt,
    reminderAt,
    recurrence,
    status,
    anchorAt: moved ? dueAt : before.anchorAt,
  };
  if (status === before.status) return after;
  const done = status === 'completed' ? { completedAt: now, completedBy: userId } : NOT_DONE;
  return { ...after, ...done };
}

const NOT_DONE = { completedAt: null, completedBy: null, completionNotes: null };
const timeOf = (given: string | null | undefined, before: Date | null): Date | null =>
  given === undefined ? before : given === null ? null : new Date(given);

/** Completes a task. One that is completed stays as it was. @throws NotFound `task` */
export async function completeTask(deps: Deps, by: TaskContext, notes: string | null): Promise<Task> {
  const { caller, taskId } = by;
  const { tenantId, userId } = caller;
  const now = deps.now();
  return withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockTask(tx, tenantId, taskPersonOf(caller), taskId);
    if (before.status !== 'completed') {
      const done = { status: 'completed' as const, completionNotes: notes, completedAt: now, completedBy: userId };
      await applyTask(tx, deps, by.origin, { before, after: { ...before, ...done }, action: 'task.complete', now });
    }
    return taskView(await getTask(tx, tenantId, null, taskId), now);
  });
}

interface TaskChange {
  before: TaskRow;
  after: TaskRow;
  action: string;
  now: Date;
}

/** Writes a change with its timers and its news, and the next of a recurring task. */
async function applyTask(tx: Tx, deps: Deps, origin: AuditOrigin, { before, after, action, now }: TaskChange) {
  const changes = { ...changesBetween(auditedTask(before), auditedTask(after)), ...wordsChanged(before, after) };
  if (Object.keys(changes).length === 0) return;
  await patchTask(tx, after);
  const { tenantId, id } = after;
  const about = { tenantId, subject: id, traceparent: origin.traceparent };
  const facts = taskFacts(after);
  const isDone = after.status === 'completed' && before.status !== 'completed';
  const done = { completedBy: after.completedBy, completedAt: now.toISOString() };
  await enqueue(tx, [
    isDone
      ? buildEvent(taskCompleted, { ...about, data: { ...facts, ...done } })
      : buildEvent(taskUpdated, { ...about, data: { ...facts, changed: Object.keys(changes) } }),
    ...timerChanges(before, after, now, origin.traceparent),
    buildAudit(conversationAudit, origin, { action, entityType: 'task', entityId: id, changes }),
  ]);
  if (isDone) await makeSuccessor(tx, deps, after, now);
}

/** That words changed, not what they are: they may tell of a customer. */
function wordsChanged(before: TaskRow, after: TaskRow) {
  const fields = (['title', 'description', 'completionNotes'] as const).filter((name) => before[name] !== after[name]);
  return Object.fromEntries(fields.map((name) => [name, { from: null, to: '…' }]));
}
