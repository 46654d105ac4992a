import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { monthOf } from './rules.ts';

describe("a tenant's month", () => {
  it.each([
    // 1 May in UTC is still April in Lima (UTC-5) and long May in Tokyo (UTC+9).
    ['2026-05-01T04:59:59.999Z', 'America/Lima', '2026-04-01', '2026-04-01T05:00:00.000Z', '2026-05-01T05:00:00.000Z'],
    ['2026-05-01T05:00:00.000Z', 'America/Lima', '2026-05-01', '2026-05-01T05:00:00.000Z', '2026-06-01T05:00:00.000Z'],
    ['2026-04-30T15:00:00.000Z', 'Asia/Tokyo', '2026-05-01', '2026-04-30T15:00:00.000Z', '2026-05-31T15:00:00.000Z'],
    // Summer time begins in March: the month is an hour short.
    ['2026-03-15T12:00:00.000Z', 'Europe/Madrid', '2026-03-01', '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
    [
      '2026-12-31T23:30:00.000Z',
      'Nowhere/Atlantis',
      '2026-12-01',
      '2026-12-01T00:00:00.000Z',
      '2027-01-01T00:00:00.000Z',
    ],
  ])('%s in %s is of %s', (now, zone, key, start, end) => {
    expect(monthOf(new Date(now), zone)).toEqual({ key, start: new Date(start), end: new Date(end) });
  });

  it('contains its moment and ends where the next begins', () => {
    const zones = fc.constantFrom(
      'America/Lima',
      'America/Sao_Paulo',
      'Asia/Kolkata',
      'Pacific/Chatham',
      'Africa/Cairo',
    );
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(times, zones, (now, zone) => {
        const { key, start, end } = monthOf(now, zone);
        expect(start <= now && now < end).toBe(true);
        expect(DateTime.fromJSDate(now, { zone }).toFormat('yyyy-MM')).toBe(key.slice(0, 7));
        expect(monthOf(end, zone).start).toEqual(end);
      }),
    );
  });
});
