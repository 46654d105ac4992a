import type { conversationApi, RouteInput } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { taskComments, tasks } from '../schema.ts';
import { seenTasks } from './seen.ts';

/** A task; the table is `t`. */
const taskColumns = columns(tasks, { alias: 't', except: ['dueOrder'] });
export type TaskRow = typeof taskColumns.$row;

/** A task as lists show it. */
export type ShownTask = TaskRow & { contactName: string | null; contactPhone: string | null; commentCount: number };

const shownColumns = (tx: Tx) => tx`
  ${taskColumns(tx)}, k.name as "contactName", k.phone as "contactPhone",
  (select count(*)::int from task_comments m where m.tenant_id = t.tenant_id and m.task_id = t.id) as "commentCount"`;
const withContact = (tx: Tx) => tx`left join contacts k on k.tenant_id = t.tenant_id and k.id = t.contact_id`;

type Query = RouteInput<typeof conversationApi.listTasks>['query'];
export type TaskFilter = Partial<Omit<Query, 'page' | 'limit' | 'cursor'>> & { person: string | null; now: Date };
export interface TaskPlace {
  id: string;
  /** Of a list by due time. */
  due: string | null;
}

function matching(tx: Tx, tenantId: string, f: TaskFilter) {
  const open = tx`t.status in ('pending', 'in_progress')`;
  const overdue = tx`(${open} and t.due_at < ${f.now.toISOString()}::text::timestamptz)`;
  return tx`${seenTasks(tx, tenantId, f.person)}
    ${f.status ? tx`and t.status = ${f.status}` : tx``}
    ${f.priority ? tx`and t.priority = ${f.priority}` : tx``}
    ${f.assignedUserId ? tx`and t.assigned_user_id = ${f.assignedUserId}` : tx``}
    ${f.createdBy ? tx`and t.created_by = ${f.createdBy}` : tx``}
    ${f.contactId ? tx`and t.contact_id = ${f.contactId}` : tx``}
    ${f.conversationId ? tx`and t.conversation_id = ${f.conversationId}` : tx``}
    ${f.dueFrom ? tx`and t.due_order >= ${f.dueFrom}::text::timestamptz and t.due_at is not null` : tx``}
    ${f.dueTo ? tx`and t.due_order <= ${f.dueTo}::text::timestamptz and t.due_at is not null` : tx``}
    ${f.overdue === undefined ? tx`` : f.overdue ? tx`and ${overdue}` : tx`and ${overdue} is not true`}`;
}

/** A page of tasks in the order asked for. */
export function selectTasks(tx: Tx, tenantId: string, filter: TaskFilter, { after, limit, offset }: Slice<TaskPlace>) {
  const sort = filter.sort ?? '-created_at';
  const byDue = sort.endsWith('due_date');
  const [sign, way] = sort.startsWith('-') ? [tx`<`, tx`desc`] : [tx`>`, tx`asc`];
  const place = byDue
    ? tx`and (t.due_order, t.id) ${sign} (${after?.due ?? ''}::text::timestamptz, ${after?.id ?? null}::uuid)`
    : tx`and t.id ${sign} ${after?.id ?? null}::uuid`;
  const order = byDue ? tx`t.due_order ${way}, t.id ${way}` : tx`t.id ${way}`;
  return tx<(ShownTask & { dueOrder: Date })[]>`
    select ${shownColumns(tx)}, t.due_order as "dueOrder"
    from (
      select * from tasks t where ${matching(tx, tenantId, filter)} ${after ? place : tx``}
      order by ${order} limit ${limit} offset ${offset}
    ) t ${withContact(tx)} order by ${order}`;
}

export const countTasks = (tx: Tx, tenantId: string, filter: TaskFilter) =>
  tx<{ count: number }[]>`select count(*)::int as count from tasks t where ${matching(tx, tenantId, filter)}`;

export const selectTask = (tx: Tx, tenantId: string, person: string | null, id: string) => tx<ShownTask[]>`
  select ${shownColumns(tx)} from tasks t ${withContact(tx)}
  where ${seenTasks(tx, tenantId, person)} and t.id = ${id}`;

/** @throws NotFound `task` for one that the caller does not see */
export async function getTask(tx: Tx, tenantId: string, person: string | null, id: string): Promise<ShownTask> {
  const [row] = await selectTask(tx, tenantId, person, id);
  if (!row) throw new NotFound('task', id);
  return row;
}

/** @throws NotFound `task` for one that the caller does not see */
export async function lockTask(tx: Tx, tenantId: string, person: string | null, id: string): Promise<TaskRow> {
  const [row] = await tx<TaskRow[]>`
    select ${taskColumns(tx)} from tasks t where ${seenTasks(tx, tenantId, person)} and t.id = ${id} for update`;
  if (!row) throw new NotFound('task', id);
  return row;
}

/** Locks tasks of any tenants, in one order. Worker role. */
export const lockTasks = (tx: Tx, keys: readonly { tenantId: string; id: string }[]) => tx<TaskRow[]>`
  select ${taskColumns(tx)}
  from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as w (tenant_id, id)
  join tasks t using (tenant_id, id) order by t.tenant_id, t.id for update of t`;

/** False when the task that it follows has a successor already. */
export async function insertTask(tx: Tx, t: TaskRow): Promise<boolean> {
  const { count } = await tx`
    insert into tasks (tenant_id, id, title, description, status, priority, contact_id, conversation_id,
      assigned_user_id, created_by, due_at, reminder_at, recurrence, anchor_at, follows_task_id)
    values (${t.tenantId}, ${t.id}, ${t.title}, ${t.description}, ${t.status}, ${t.priority}, ${t.contactId},
      ${t.conversationId}, ${t.assignedUserId}, ${t.createdBy}, ${t.dueAt}, ${t.reminderAt},
      ${jsonOf(t.recurrence)}::text::jsonb, ${t.anchorAt}, ${t.followsTaskId})
    on conflict (tenant_id, follows_task_id) where follows_task_id is not null do nothing`;
  return count > 0;
}

const jsonOf = (value: object | null) => (value === null ? null : JSON.stringify(value));

/** Writes what may change of a locked task. */
export const patchTask = (tx: Tx, t: TaskRow) => tx`
  update tasks set title = ${t.title}, description = ${t.description}, status = ${t.status}, priority = ${t.priority},
    contact_id = ${t.contactId}, conversation_id = ${t.conversationId}, assigned_user_id = ${t.assignedUserId},
    due_at = ${t.dueAt}, reminder_at = ${t.reminderAt}, due_told = ${t.dueTold}, reminder_told = ${t.reminderTold},
    recurrence = ${jsonOf(t.recurrence)}::text::jsonb, anchor_at = ${t.anchorAt},
    completion_notes = ${t.completionNotes}, completed_at = ${t.completedAt}, completed_by = ${t.completedBy},
    updated_at = now()
  where tenant_id = ${t.tenantId} and id = ${t.id}`;

/** Deletes tasks with their comments. */
export async function deleteTasks(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
  await tx`delete from task_comments where tenant_id = ${tenantId} and task_id = any(${ids as string[]}::uuid[])`;
  await tx`delete from tasks where tenant_id = ${tenantId} and id = any(${ids as string[]}::uuid[])`;
}

export const lockTasksOfContact = (tx: Tx, tenantId: string, contactId: string) => tx<TaskRow[]>`
  select ${taskColumns(tx)} from tasks t where t.tenant_id = ${tenantId} and t.contact_id = ${contactId}
  order by t.id for update`;

export const lockTasksOfChat = (tx: Tx, tenantId: string, conversationId: string) => tx<TaskRow[]>`
  select ${taskColumns(tx)} from tasks t where t.tenant_id = ${tenantId} and t.conversation_id = ${conversationId}
  order by t.id for update`;

/** A comment; the table is `m`. */
const commentColumns = columns(taskComments, { alias: 'm' });
export type CommentRow = typeof commentColumns.$row;

export async function insertComment(tx: Tx, comment: Omit<CommentRow, 'createdAt'>): Promise<CommentRow> {
  const { tenantId, taskId, id, userId, content } = comment;
  const [made] = await tx<CommentRow[]>`
    insert into task_comments as m (tenant_id, task_id, id, user_id, content)
    values (${tenantId}, ${taskId}, ${id}, ${userId}, ${content}) returning ${commentColumns(tx)}`;
  return made!;
}

export const selectComments = (
  tx: Tx,
  tenantId: string,
  taskId: string,
  { after, limit, offset }: Slice<{ id: string }>,
) => tx<CommentRow[]>`
  select ${commentColumns(tx)} from task_comments m
  where m.tenant_id = ${tenantId} and m.task_id = ${taskId} ${after ? tx`and m.id < ${after.id}::uuid` : tx``}
  order by m.id desc limit ${limit} offset ${offset}`;

export const countComments = (tx: Tx, tenantId: string, taskId: string) => tx<{ count: number }[]>`
  select count(*)::int as count from task_comments m where m.tenant_id = ${tenantId} and m.task_id = ${taskId}`;
