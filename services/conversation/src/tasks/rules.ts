import type { TaskRecurrence } from '@recado/contracts';
import { DateTime, IANAZone } from 'luxon';
import type { TaskRow } from './store.ts';

const UNITS = { daily: 'days', weekly: 'weeks', monthly: 'months' } as const;
/** An untouched task of years ago makes no more steps than this. */
const MAX_STEPS = 100_000;
/** Later and earlier moments have no ISO time of four digits: nothing takes them. */
const [FIRST, LAST] = [new Date('0001-01-01T00:00:00.000Z'), new Date('9999-12-31T23:59:59.999Z')];

export const isOpen = ({ status }: Pick<TaskRow, 'status'>): boolean =>
  status === 'pending' || status === 'in_progress';

/**
 * When a recurring task is due next: the first time of its series after `after`, by the clock of
 * the tenant's zone. Null: the series is over.
 */
export function nextDue(
  anchorAt: Date,
  { every, interval, until }: TaskRecurrence,
  after: Date,
  timezone: string,
): Date | null {
  const zone = IANAZone.isValidZone(timezone) ? timezone : 'utc';
  const anchor = DateTime.fromJSDate(anchorAt, { zone });
  const unit = UNITS[every];
  const at = (step: number) => anchor.plus({ [unit]: step * interval }).toJSDate();
  const passed = DateTime.fromJSDate(after, { zone }).diff(anchor, unit).as(unit) / interval;
  for (let step = Math.max(1, Math.floor(passed) - 1); step < MAX_STEPS; step++) {
    const due = at(step);
    if (due <= after) continue;
    const last = until === null ? LAST : new Date(until);
    return due > last ? null : due;
  }
  return null;
}

/** The times at which a task wants to be told of; a task that is done wants none. */
export function timersOf(task: TaskRow, now: Date): { due: Date | null; reminder: Date | null } {
  if (!isOpen(task)) return { due: null, reminder: null };
  const { dueAt, reminderAt, recurrence } = task;
  // The next of a series is made when this one falls due, so a past time counts too.
  const due = dueAt && (dueAt > now || recurrence) && dueAt.getTime() !== task.dueTold?.getTime() ? dueAt : null;
  const reminder = reminderAt && reminderAt > now ? reminderAt : null;
  return { due, reminder };
}

/** The next task of a series; the caller knows its due time. */
export function successorOf(task: TaskRow, id: string, dueAt: Date): TaskRow {
  const ahead = task.reminderAt && task.dueAt ? task.dueAt.getTime() - task.reminderAt.getTime() : null;
  const reminderAt = ahead === null ? null : new Date(dueAt.getTime() - ahead);
  return {
    ...task,
    id,
    status: 'pending',
    dueAt,
    reminderAt: reminderAt !== null && reminderAt >= FIRST && reminderAt <= LAST ? reminderAt : null,
    dueTold: null,
    reminderTold: null,
    followsTaskId: task.id,
    completionNotes: null,
    completedAt: null,
    completedBy: null,
  };
}
