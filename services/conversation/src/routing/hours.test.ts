import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterOpenTime, type Hours, isOpen, nextOpening, openTimeBetween } from './hours.ts';

const CLOSED = { saturday: null, sunday: null };
const WEEK = { start: '08:00', end: '18:00' };
const hours = (given: Partial<Hours> = {}): Hours => ({
  businessHours: { monday: WEEK, tuesday: WEEK, wednesday: WEEK, thursday: WEEK, friday: WEEK, ...CLOSED },
  timezone: 'America/Bogota',
  holidays: [],
  ...given,
});
// 2026-11-30 is a Monday; Bogotá is five hours behind UTC.
const at = (time: string) => new Date(time);

describe('a campaign', () => {
  it.each([
    ['2026-11-30T12:59:59Z', false],
    ['2026-11-30T13:00:00Z', true],
    ['2026-11-30T22:59:59Z', true],
    ['2026-11-30T23:00:00Z', false],
    ['2026-12-05T15:00:00Z', false],
  ])('at %s is open: %s', (time, open) => {
    expect(isOpen(hours(), at(time))).toBe(open);
  });

  it('without hours is always open, but on holidays', () => {
    const always = hours({ businessHours: null, holidays: [{ date: '2026-12-25', name: 'Navidad' }] });
    expect(isOpen(always, at('2026-12-25T04:59:59Z'))).toBe(true);
    expect(isOpen(always, at('2026-12-25T05:00:00Z'))).toBe(false);
    expect(nextOpening(always, at('2026-12-25T15:00:00Z'))).toEqual(at('2026-12-26T05:00:00Z'));
  });

  it('that is open until midnight is open in its last minute', () => {
    const late = hours({ businessHours: { ...hours().businessHours!, monday: { start: '20:00', end: '24:00' } } });
    expect(isOpen(late, at('2026-12-01T04:59:59Z'))).toBe(true);
    expect(isOpen(late, at('2026-12-01T05:00:00Z'))).toBe(false);
  });

  it.each([
    ['2026-11-30T12:00:00Z', '2026-11-30T13:00:00Z'],
    ['2026-11-30T13:00:00Z', '2026-12-01T13:00:00Z'],
    ['2026-12-04T23:30:00Z', '2026-12-07T13:00:00Z'],
  ])('after %s opens at %s', (now, next) => {
    expect(nextOpening(hours(), at(now))).toEqual(at(next));
  });

  it('that is closed on every day never opens', () => {
    const days = { monday: null, tuesday: null, wednesday: null, thursday: null, friday: null, ...CLOSED };
    expect(nextOpening(hours({ businessHours: days }), at('2026-11-30T12:00:00Z'))).toBeNull();
  });

  it('keeps its local hour over a change of the clocks', () => {
    // Santiago goes back an hour on 2026-04-05.
    const santiago = hours({ timezone: 'America/Santiago' });
    expect(nextOpening(santiago, at('2026-04-02T12:00:00Z'))).toEqual(at('2026-04-03T11:00:00Z'));
    expect(nextOpening(santiago, at('2026-04-05T12:00:00Z'))).toEqual(at('2026-04-06T12:00:00Z'));
  });
});

describe('open time', () => {
  const HOUR = 3_600_000;

  it.each([
    ['2026-11-30T14:00:00Z', 1, '2026-11-30T15:00:00Z'],
    ['2026-11-30T10:00:00Z', 1, '2026-11-30T14:00:00Z'],
    ['2026-11-30T22:30:00Z', 1, '2026-12-01T13:30:00Z'],
    ['2026-12-04T22:30:00Z', 10.5, '2026-12-07T23:00:00Z'],
  ])('from %s, %s hours end at %s', (from, count, end) => {
    expect(afterOpenTime(hours(), at(from), count * HOUR)).toEqual(at(end));
  });

  it('leaves holidays out, and nights of another length', () => {
    const free = hours({ holidays: [{ date: '2026-12-01', name: null }] });
    expect(afterOpenTime(free, at('2026-11-30T22:30:00Z'), HOUR)).toEqual(at('2026-12-02T13:30:00Z'));
    // Santiago goes back an hour on 2026-04-05: that day has 25 hours.
    const santiago = hours({ businessHours: null, timezone: 'America/Santiago', holidays: free.holidays });
    expect(openTimeBetween(santiago, at('2026-04-04T12:00:00Z'), at('2026-04-06T12:00:00Z'))).toBe(48 * HOUR);
  });

  it('of a campaign that never opens does not pass', () => {
    const days = { monday: null, tuesday: null, wednesday: null, thursday: null, friday: null, ...CLOSED };
    expect(afterOpenTime(hours({ businessHours: days }), at('2026-11-30T12:00:00Z'), 1)).toBeNull();
    expect(
      openTimeBetween(hours({ businessHours: days }), at('2026-11-30T12:00:00Z'), at('2027-01-01T00:00:00Z')),
    ).toBe(0);
  });

  it('between a moment and its end is what was counted, at any hour and in any zone', () => {
    const zones = fc.constantFrom('America/Bogota', 'America/Santiago', 'Europe/Madrid', 'Asia/Kathmandu');
    const minute = fc.integer({ min: 0, max: 2 * 366 * 1440 });
    fc.assert(
      fc.property(zones, minute, fc.integer({ min: 1, max: 200 * 60 }), (timezone, from, minutes) => {
        const start = new Date(Date.UTC(2026, 0, 1) + from * 60_000);
        const end = afterOpenTime(hours({ timezone }), start, minutes * 60_000)!;
        expect(openTimeBetween(hours({ timezone }), start, end)).toBe(minutes * 60_000);
        expect(isOpen(hours({ timezone }), new Date(end.getTime() - 1))).toBe(true);
      }),
    );
  });
});
