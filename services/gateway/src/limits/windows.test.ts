import { describe, expect, it } from 'vitest';
import { type Counter, limitHeaders, monthStarts, spansAt, tightest, windowsOf } from './windows.ts';

const at = (iso: string) => Date.parse(iso) / 1000;

describe('windows', () => {
  it('are those of the calendar, in UTC', () => {
    const now = at('2026-12-31T23:59:30Z');
    expect(spansAt(now).map(({ start, end }) => [start, end])).toEqual([
      [at('2026-12-31T23:59:00Z'), at('2027-01-01T00:00:00Z')],
      [at('2026-12-31T23:00:00Z'), at('2027-01-01T00:00:00Z')],
      [at('2026-12-31T00:00:00Z'), at('2027-01-01T00:00:00Z')],
      [at('2026-12-01T00:00:00Z'), at('2027-01-01T00:00:00Z')],
    ]);
    expect(monthStarts(now)).toEqual(
      ['2026-11-01', '2026-12-01', '2027-01-01', '2027-02-01'].map((day) => at(`${day}T00:00:00Z`)),
    );
  });

  it('are the plan’s, times the installation’s factor, and never none', () => {
    expect(windowsOf('pro', 1)).toEqual({ minute: 60, hour: 2000, day: 20_000, month: 200_000 });
    expect(windowsOf('basic', 0.5)).toEqual({ minute: 10, hour: 250, day: 2500, month: 25_000 });
    expect(windowsOf('basic', 0.0001).minute).toBe(1);
  });
});

describe('the window that the headers describe', () => {
  const counter = (name: Counter['name'], limit: number, count: number, resetAt: number): Counter => ({
    name,
    limit,
    count,
    resetAt,
  });
  const fresh = [counter('minute', 60, 15, 60), counter('hour', 2000, 234, 3600), counter('day', 20_000, 3420, 86_400)];

  it.each([
    ['the minute, ordinarily', fresh, 'minute'],
    ['the hour, when less of it is left', [fresh[0]!, counter('hour', 2000, 1990, 3600)], 'hour'],
    [
      'the one that starts again last, of two that are full',
      [counter('minute', 60, 60, 60), counter('hour', 2000, 2000, 3600), fresh[2]!],
      'hour',
    ],
    ['a person’s own pace', [...fresh, counter('user', 10, 3, 60)], 'user'],
  ])('is %s', (_what, counters, name) => {
    expect(tightest(counters).name).toBe(name);
  });

  it('is in the headers, never below zero', () => {
    expect(limitHeaders(fresh)).toEqual({
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '45',
      'x-ratelimit-reset': '60',
    });
    // A plan that became smaller in the middle of a window.
    expect(limitHeaders([counter('minute', 20, 55, 60)])['x-ratelimit-remaining']).toBe('0');
  });
});
