import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDue, successorOf, timersOf } from './rules.ts';
import type { TaskRow } from './store.ts';

const every = (unit: 'daily' | 'weekly' | 'monthly', interval = 1, until: string | null = null) => ({
  every: unit,
  interval,
  until,
});
const at = (time: string) => new Date(time);

describe('the next time of a recurring task', () => {
  it.each([
    // 09:00 in Lima.
    [
      'daily',
      every('daily'),
      '2026-01-10T14:00:00Z',
      '2026-01-10T14:00:00Z',
      'America/Lima',
      '2026-01-11T14:00:00.000Z',
    ],
    [
      'every other week',
      every('weekly', 2),
      '2026-01-10T14:00:00Z',
      '2026-01-10T14:00:00Z',
      'UTC',
      '2026-01-24T14:00:00.000Z',
    ],
    // The 31st is the last day of a short month, and the 31st again after it.
    [
      'monthly, short',
      every('monthly'),
      '2026-01-31T14:00:00Z',
      '2026-01-31T14:00:00Z',
      'UTC',
      '2026-02-28T14:00:00.000Z',
    ],
    [
      'monthly, long',
      every('monthly'),
      '2026-01-31T14:00:00Z',
      '2026-02-28T14:00:00Z',
      'UTC',
      '2026-03-31T14:00:00.000Z',
    ],
    // Clocks go forward on 2026-03-08: nine o'clock stays nine o'clock.
    [
      'over a change of clocks',
      every('daily'),
      '2026-03-07T14:00:00Z',
      '2026-03-07T14:00:00Z',
      'America/New_York',
      '2026-03-08T13:00:00.000Z',
    ],
    [
      'after a long pause',
      every('daily'),
      '2020-01-10T14:00:00Z',
      '2026-01-10T15:00:00Z',
      'UTC',
      '2026-01-11T14:00:00.000Z',
    ],
    [
      'in an unknown zone as in UTC',
      every('daily'),
      '2026-01-10T14:00:00Z',
      '2026-01-10T14:00:00Z',
      'Mars/Base',
      '2026-01-11T14:00:00.000Z',
    ],
  ])('%s', (_, recurrence, anchor, after, zone, due) => {
    expect(nextDue(at(anchor), recurrence, at(after), zone)?.toISOString()).toBe(due);
  });

  it('is none after the end of the series', () => {
    const recurrence = every('daily', 1, '2026-01-11T14:00:00.000Z');
    const anchor = at('2026-01-10T14:00:00Z');
    expect(nextDue(anchor, recurrence, anchor, 'UTC')?.toISOString()).toBe('2026-01-11T14:00:00.000Z');
    expect(nextDue(anchor, recurrence, at('2026-01-11T14:00:00Z'), 'UTC')).toBeNull();
  });

  it('is none beyond the year 9999, which no time has', () => {
    const anchor = at('9999-12-30T00:00:00Z');
    expect(nextDue(anchor, every('daily'), anchor, 'UTC')?.toISOString()).toBe('9999-12-31T00:00:00.000Z');
    expect(nextDue(anchor, every('monthly'), anchor, 'UTC')).toBeNull();
  });

  it('is the first of its series that is later, for any rule, moment and zone', () => {
    const date = (from: number, to: number) => fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true });
    fc.assert(
      fc.property(
        fc.constantFrom('daily' as const, 'weekly' as const, 'monthly' as const),
        fc.integer({ min: 1, max: 12 }),
        date(Date.UTC(2024, 0, 1), Date.UTC(2025, 0, 1)),
        date(Date.UTC(2024, 0, 1), Date.UTC(2028, 0, 1)),
        fc.constantFrom('America/Sao_Paulo', 'America/New_York', 'UTC'),
        (unit, interval, anchor, after, zone) => {
          const due = nextDue(anchor, every(unit, interval), after, zone)!;
          expect(due > after && due > anchor).toBe(true);
          const before = nextDue(anchor, every(unit, interval), new Date(due.getTime() - 1), zone)!;
          expect(before).toEqual(due);
        },
      ),
    );
  });
});

const task = (more: Partial<TaskRow>): TaskRow => ({
  ...{ tenantId: 't', id: 'a', title: 'Llamar', description: null, status: 'pending', priority: 'normal' },
  ...{ contactId: null, conversationId: null, assignedUserId: null, createdBy: null },
  ...{ dueAt: at('2026-01-10T14:00:00Z'), reminderAt: at('2026-01-10T13:00:00Z'), dueTold: null, reminderTold: null },
  ...{ recurrence: null, anchorAt: null, followsTaskId: null, completionNotes: null, completedAt: null },
  ...{ completedBy: null, createdAt: at('2026-01-01T00:00:00Z'), updatedAt: at('2026-01-01T00:00:00Z') },
  ...more,
});

it('a task wakes for its times while it is open, and for past ones only when the next waits for it', () => {
  const [before, after] = [at('2026-01-10T12:00:00Z'), at('2026-01-10T15:00:00Z')];
  const { dueAt, reminderAt } = task({});
  expect(timersOf(task({}), before)).toEqual({ due: dueAt, reminder: reminderAt });
  expect(timersOf(task({}), after)).toEqual({ due: null, reminder: null });
  expect(timersOf(task({ recurrence: every('daily') }), after)).toEqual({ due: dueAt, reminder: null });
  for (const status of ['completed', 'cancelled'] as const) {
    expect(timersOf(task({ status }), before)).toEqual({ due: null, reminder: null });
  }
});

it('the next task has no reminder where that would be beyond the year 9999', () => {
  const odd = task({ dueAt: at('2000-01-01T00:00:00Z'), reminderAt: at('9999-01-01T00:00:00Z') });
  expect(successorOf(odd, 'b', at('2026-01-11T14:00:00Z')).reminderAt).toBeNull();
});

it('the next task is open, keeps who has it, and reminds as long before', () => {
  const done = task({
    status: 'completed',
    completionNotes: 'x',
    assignedUserId: 'u',
    dueTold: at('2026-01-10T14:00:00Z'),
  });
  expect(successorOf(done, 'b', at('2026-01-11T14:00:00Z'))).toMatchObject({
    id: 'b',
    status: 'pending',
    assignedUserId: 'u',
    reminderAt: at('2026-01-11T13:00:00Z'),
    dueTold: null,
    followsTaskId: 'a',
    completionNotes: null,
  });
});
