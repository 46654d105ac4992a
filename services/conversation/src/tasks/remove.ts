import {
  type AuditOrigin,
  type BuiltEvent,
  buildAudit,
  buildEvent,
  conversationAudit,
  taskDeleted,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { taskPersonOf } from './seen.ts';
import { deleteTasks, lockTask, lockTasksOfChat, lockTasksOfContact, type TaskRow } from './store.ts';
import { timerEnds } from './timers.ts';

/** Deletes a task with its comments and timers. @throws NotFound `task` */
export async function removeTask(deps: Deps, caller: Caller, origin: AuditOrigin, taskId: string): Promise<void> {
  const { tenantId } = caller;
  await withTenant(deps.db, tenantId, async (tx) => {
    const task = await lockTask(tx, tenantId, taskPersonOf(caller), taskId);
    await deleteTasks(tx, tenantId, [taskId]);
    const changes = { status: { from: task.status, to: null } };
    const what = { action: 'task.delete', entityType: 'task', entityId: taskId, changes };
    await enqueue(tx, [...goneEvents(task, origin.traceparent), buildAudit(conversationAudit, origin, what)]);
  });
}

/** What is written in the tasks of an erased contact goes with it. Returns how many there were. */
export async function eraseTasks(tx: Tx, tenantId: string, contactId: string): Promise<number> {
  const rows = await lockTasksOfContact(tx, tenantId, contactId);
  await eraseLocked(tx, tenantId, rows);
  return rows.length;
}

async function eraseLocked(tx: Tx, tenantId: string, rows: readonly TaskRow[]): Promise<void> {
  if (rows.length === 0) return;
  await deleteTasks(
    tx,
    tenantId,
    rows.map(({ id }) => id),
  );
  await enqueue(
    tx,
    rows.flatMap((task) => goneEvents(task)),
  );
}

/** The same of one of its chats. */
export async function eraseTasksOfChat(tx: Tx, tenantId: string, conversationId: string): Promise<number> {
  const rows = await lockTasksOfChat(tx, tenantId, conversationId);
  await eraseLocked(tx, tenantId, rows);
  return rows.length;
}

const goneEvents = (task: TaskRow, traceparent?: string): BuiltEvent[] => {
  const { tenantId, id, contactId } = task;
  const data = { taskId: id, contactId };
  return [buildEvent(taskDeleted, { tenantId, subject: id, traceparent, data }), ...timerEnds(task)];
};

/** The tasks of a contact that turned out to be another one. */
export const moveTasks = (tx: Tx, tenantId: string, from: string, into: string) =>
  tx`update tasks set contact_id = ${into}, updated_at = now() where tenant_id = ${tenantId} and contact_id = ${from}`;
