import { type BuiltEvent, buildEvent, type EventData, taskDue, taskReminded, type timerFired } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { type Delivered, enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { type FiredTimer, firedTimers } from '../timers/fired.ts';
import { isOpen } from './rules.ts';
import { lockTasks, patchTask, type TaskRow } from './store.ts';
import { makeSuccessor } from './successor.ts';
import { DUE, REMINDER } from './timers.ts';

type Told = Delivered<EventData<typeof timerFired>>;

/**
 * Tells of tasks whose time has come, each time once. A time that was moved away is not told, nor
 * is a task that is done. Worker role.
 */
export async function tellDueTasks(
  tx: Tx,
  deps: Pick<Deps, 'tenants' | 'now'>,
  events: readonly Told[],
): Promise<void> {
  const due = firedTimers(events, DUE);
  const reminders = firedTimers(events, REMINDER);
  if (due.length + reminders.length === 0) return;
  const rows = (await lockTasks(tx, unique([...due, ...reminders]))).filter(isOpen);
  const isDue = latestOf(due);
  const isReminded = latestOf(reminders);
  for (const task of rows) {
    const fallsDue = hasCome(task.dueAt, task.dueTold, isDue.get(keyOf(task)));
    const reminds = hasCome(task.reminderAt, task.reminderTold, isReminded.get(keyOf(task)));
    if (!fallsDue && !reminds) continue;
    await patchTask(tx, {
      ...task,
      dueTold: fallsDue ? task.dueAt : task.dueTold,
      reminderTold: reminds ? task.reminderAt : task.reminderTold,
    });
    await enqueue(tx, [...(reminds ? [reminder(task)] : []), ...(fallsDue ? [fellDue(task)] : [])]);
    if (fallsDue) await makeSuccessor(tx, deps, task, deps.now());
  }
}

const hasCome = (at: Date | null, told: Date | null, fired: Date | undefined): boolean =>
  at !== null && fired !== undefined && at <= fired && at.getTime() !== told?.getTime();

function reminder({ tenantId, id, title, assignedUserId, createdBy, dueAt, reminderAt }: TaskRow): BuiltEvent {
  const times = { dueAt: dueAt?.toISOString() ?? null, reminderAt: reminderAt!.toISOString() };
  return buildEvent(taskReminded, {
    tenantId,
    subject: id,
    data: { taskId: id, title, assignedUserId, createdBy, ...times },
  });
}

const fellDue = ({ tenantId, id, title, assignedUserId, createdBy, dueAt }: TaskRow): BuiltEvent =>
  buildEvent(taskDue, {
    tenantId,
    subject: id,
    data: { taskId: id, title, assignedUserId, createdBy, dueAt: dueAt!.toISOString() },
  });

const keyOf = ({ tenantId, id }: { tenantId: string; id: string }): string => `${tenantId} ${id}`;
const unique = (timers: readonly FiredTimer[]) => [...new Map(timers.map((one) => [keyOf(one), one])).values()];

/** When the timer of each was to fire; of several the latest. */
function latestOf(timers: readonly FiredTimer[]): Map<string, Date> {
  const latest = new Map<string, Date>();
  for (const one of timers) {
    const known = latest.get(keyOf(one));
    if (!known || known < one.fireAt) latest.set(keyOf(one), one.fireAt);
  }
  return latest;
}
