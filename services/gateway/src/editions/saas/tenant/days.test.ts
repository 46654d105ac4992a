import { describe, expect, it } from 'vitest';
import { lastDays, lastSecond } from './days.ts';

describe('the days of a chart', () => {
  it('end with today in the tenant’s time zone', () => {
    const now = new Date('2026-03-01T03:00:00Z');
    expect(lastDays(3, 'America/Lima', now)).toEqual(['2026-02-26', '2026-02-27', '2026-02-28']);
    expect(lastDays(3, 'UTC', now)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  });

  it('skip none when clocks change', () => {
    const days = lastDays(30, 'America/New_York', new Date('2026-03-20T12:00:00Z'));
    expect(new Set(days).size).toBe(30);
    expect([days[0], days[29]]).toEqual(['2026-02-19', '2026-03-20']);
  });
});

describe('a period’s last second', () => {
  it.each([
    ['2025-06-01T00:00:00.000Z', '2025-05-31T23:59:59Z'],
    ['2025-06-01T05:00:00Z', '2025-06-01T04:59:59Z'],
    ['2025-05-31T23:59:59.999Z', '2025-05-31T23:59:59Z'],
  ])('of one that ends %s is %s', (end, shown) => {
    expect(lastSecond(end)).toBe(shown);
  });
});
