import { expect, it } from 'vitest';
import { dayOf, isSpent, secondsUntilRefill } from './rules.ts';

it.each([
  ['2025-06-01T04:59:59Z', 'America/Lima', '2025-05-31', '2025-05-01'],
  ['2025-06-01T05:00:00Z', 'America/Lima', '2025-06-01', '2025-06-01'],
  ['2025-06-01T04:59:59Z', 'UTC', '2025-06-01', '2025-06-01'],
  ['2025-05-31T15:30:00Z', 'Asia/Tokyo', '2025-06-01', '2025-06-01'],
])('%s in %s is the day %s', (at, zone, day, monthStart) => {
  expect(dayOf(new Date(at), zone)).toEqual({ day, monthStart });
});

const limits = { maxTokensPerDay: 100, maxTokensPerMonth: 1000 };
it.each([
  [0, 0, false],
  [99, 999, false],
  [100, 100, true],
  [0, 1000, true],
])('%i today and %i this month: spent is %s', (tokensToday, tokensThisMonth, spent) => {
  expect(isSpent({ tokensToday, tokensThisMonth }, limits)).toBe(spent);
});

it('A limit of 0 allows nothing', () => {
  expect(isSpent({ tokensToday: 0, tokensThisMonth: 0 }, { ...limits, maxTokensPerDay: 0 })).toBe(true);
});

it('A spent day opens at the next midnight of the zone, a spent month on the next first', () => {
  const at = new Date('2025-05-30T04:00:00Z'); // 23:00 of the 29th in Lima
  expect(secondsUntilRefill({ tokensToday: 100, tokensThisMonth: 100 }, limits, at, 'America/Lima')).toBe(3600);
  expect(secondsUntilRefill({ tokensToday: 0, tokensThisMonth: 1000 }, limits, at, 'America/Lima')).toBe(
    3600 + 2 * 86_400,
  );
});
