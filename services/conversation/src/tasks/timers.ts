import type { BuiltEvent } from '@recado/contracts';
import { timerCancellation, timerOrder } from '../timers/orders.ts';
import { timersOf } from './rules.ts';
import type { TaskRow } from './store.ts';

export const DUE = 'task-due:';
export const REMINDER = 'task-reminder:';

/** Orders and cancels what a change of a task makes of its timers. `before`: null for a new one. */
export function timerChanges(before: TaskRow | null, after: TaskRow, now: Date, traceparent?: string): BuiltEvent[] {
  const { tenantId, id } = after;
  const had = before ? timersOf(before, now) : { due: null, reminder: null };
  const wants = timersOf(after, now);
  const change = (prefix: string, from: Date | null, to: Date | null): BuiltEvent[] => {
    const timer = { tenantId, key: `${prefix}${id}`, traceparent };
    if (to && to.getTime() !== from?.getTime()) return [timerOrder({ ...timer, fireAt: to })];
    return from && !to ? [timerCancellation(timer)] : [];
  };
  return [...change(DUE, had.due, wants.due), ...change(REMINDER, had.reminder, wants.reminder)];
}

/** Ends the timers of a task that is gone. */
export const timerEnds = ({ tenantId, id }: TaskRow): BuiltEvent[] =>
  [DUE, REMINDER].map((prefix) => timerCancellation({ tenantId, key: `${prefix}${id}` }));
