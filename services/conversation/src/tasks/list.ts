import { type conversationApi, isoTime, type RouteInput, type Task, type TaskComment, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { type Caller, NotFound, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { taskPersonOf } from './seen.ts';
import { countComments, countTasks, selectComments, selectTask, selectTasks } from './store.ts';
import { commentView, taskView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listTasks>['query'];
type Page<T> = { items: T[]; total: number; nextCursor: string | null };

/** A cursor belongs to the order that it was made in. */
const walks = {
  created_at: walkOf('tasks', { id: uuid(), due: z.null() }),
  '-created_at': walkOf('tasks-', { id: uuid(), due: z.null() }),
  due_date: walkOf('tasks-due', { id: uuid(), due: isoTime() }),
  '-due_date': walkOf('tasks-due-', { id: uuid(), due: isoTime() }),
};
const commentWalk = walkOf('task-comments', { id: uuid() });

/** A page of the tasks that the caller sees, with how many there are. */
export async function listTasks(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  caller: Caller,
  { page, limit, cursor, ...asked }: Query,
): Promise<Page<Task>> {
  const { tenantId } = caller;
  const walk = walks[asked.sort];
  const at = now();
  const filter = { ...asked, person: taskPersonOf(caller), now: at };
  const slice = walk.slice({ page, limit, cursor });
  const [rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectTasks(tx, tenantId, filter, slice),
    countTasks(tx, tenantId, filter),
  ]);
  const byDue = asked.sort.endsWith('due_date');
  const { items, nextCursor } = walk.page(rows, limit, ({ id, dueOrder }) => ({
    id,
    due: (byDue ? dueOrder.toISOString() : null) as never,
  }));
  return { items: items.map((row) => taskView(row, at)), total: counted!.count, nextCursor };
}

/** @throws NotFound `task` for one that the caller does not see */
export async function findTask({ db, now }: Pick<Deps, 'db' | 'now'>, caller: Caller, taskId: string): Promise<Task> {
  const { tenantId } = caller;
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectTask(tx, tenantId, taskPersonOf(caller), taskId)]);
  if (!row) throw new NotFound('task', taskId);
  return taskView(row, now());
}

/** A page of a task's comments. @throws NotFound `task` */
export async function listComments(
  { db }: Pick<Deps, 'db'>,
  caller: Caller,
  taskId: string,
  query: RouteInput<typeof conversationApi.listTaskComments>['query'],
): Promise<Page<TaskComment>> {
  const { tenantId } = caller;
  const slice = commentWalk.slice(query);
  const [found, rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectTask(tx, tenantId, taskPersonOf(caller), taskId),
    selectComments(tx, tenantId, taskId, slice),
    countComments(tx, tenantId, taskId),
  ]);
  if (found.length === 0) throw new NotFound('task', taskId);
  const { items, nextCursor } = commentWalk.page(rows, query.limit, ({ id }) => ({ id }));
  return { items: items.map(commentView), total: counted!.count, nextCursor };
}
