import { type BuiltEvent, buildEvent, taskCreated, uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { nextDue, successorOf } from './rules.ts';
import { insertTask, type TaskRow } from './store.ts';
import { timerChanges } from './timers.ts';
import { taskFacts } from './views.ts';

/**
 * Makes the next task of a series once: when one is completed or falls due, whichever comes first.
 * Times that have passed are left out.
 */
export async function makeSuccessor(tx: Tx, deps: Pick<Deps, 'tenants'>, task: TaskRow, now: Date): Promise<void> {
  const { tenantId, recurrence, dueAt, anchorAt } = task;
  if (recurrence === null || dueAt === null) return;
  const zone = (await deps.tenants.get(tx, [tenantId])).get(tenantId)!.timezone;
  const due = nextDue(anchorAt ?? dueAt, recurrence, dueAt > now ? dueAt : now, zone);
  if (due === null) return;
  const next = { ...successorOf(task, uuidv7(), due), createdAt: now, updatedAt: now };
  if (!(await insertTask(tx, next))) return;
  const made: BuiltEvent = buildEvent(taskCreated, { tenantId, subject: next.id, data: taskFacts(next) });
  await enqueue(tx, [made, ...timerChanges(null, next, now)]);
}
