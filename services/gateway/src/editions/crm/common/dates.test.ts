import { describe, expect, it } from 'vitest';
import { filterTime } from './dates.ts';

describe('a date in a filter', () => {
  it.each([
    ['2026-01-10', 'UTC', '2026-01-10T00:00:00.000Z', '2026-01-10T23:59:59.999Z'],
    ['2026-01-10', 'America/Bogota', '2026-01-10T05:00:00.000Z', '2026-01-11T04:59:59.999Z'],
    ['2026-01-10', 'Asia/Kolkata', '2026-01-09T18:30:00.000Z', '2026-01-10T18:29:59.999Z'],
    // Clocks go forward at 2026-03-08 02:00: the day has 23 hours.
    ['2026-03-08', 'America/New_York', '2026-03-08T05:00:00.000Z', '2026-03-09T03:59:59.999Z'],
    // And back at 2026-11-01 02:00: 25 hours.
    ['2026-11-01', 'America/New_York', '2026-11-01T04:00:00.000Z', '2026-11-02T04:59:59.999Z'],
  ])('%s in %s runs from %s to %s', (day, zone, from, to) => {
    expect([filterTime(day, zone, false), filterTime(day, zone, true)]).toEqual([from, to]);
  });

  it.each([
    ['9999-12-31', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59-12:00', '9999-12-31T23:59:59.999Z'],
    ['0000-01-01', '0001-01-01T00:00:00.000Z'],
  ])('%s stays within the years that times have', (date, moment) => {
    expect(filterTime(date, 'America/Bogota', true)).toBe(moment);
  });

  it('is a moment when it has a time', () => {
    expect(filterTime('2026-01-10T10:00:00-05:00', 'Asia/Tokyo', true)).toBe('2026-01-10T15:00:00.000Z');
  });
});
