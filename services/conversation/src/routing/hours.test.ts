import { describe, expect, it } from 'vitest';
import { type Hours, isOpen, nextOpening } from './hours.ts';

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
