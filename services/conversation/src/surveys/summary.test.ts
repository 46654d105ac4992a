import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ScoreRow, summaryOf } from './summary.ts';

const row = (userId: string | null, score: number | null, count: number, commented = 0): ScoreRow => ({
  ...{ userId, score, count, commented },
});

it('sums up scores in all and by agent', () => {
  const rows = [row('a', 5, 3, 1), row('a', 4, 1), row('a', null, 4), row('b', 1, 1, 1), row(null, null, 1)];
  expect(summaryOf(rows)).toEqual({
    asked: 10,
    answered: 5,
    commented: 2,
    responseRate: 0.5,
    average: 4,
    distribution: { 1: 1, 2: 0, 3: 0, 4: 1, 5: 3 },
    agents: [
      expect.objectContaining({ userId: 'a', asked: 8, answered: 4, responseRate: 0.5, average: 4.75 }),
      expect.objectContaining({ userId: null, asked: 1, answered: 0, responseRate: 0, average: null }),
      expect.objectContaining({ userId: 'b', asked: 1, answered: 1, responseRate: 1, average: 1 }),
    ],
  });
  expect(summaryOf([])).toMatchObject({ asked: 0, responseRate: null, average: null, agents: [] });
});

it('gives agents the sums of all rows', () => {
  const any = fc.record({
    userId: fc.option(fc.constantFrom('a', 'b', 'c')),
    score: fc.option(fc.integer({ min: 1, max: 5 })),
    count: fc.integer({ min: 0, max: 50 }),
    commented: fc.constant(0),
  });
  fc.assert(
    fc.property(fc.array(any), (rows) => {
      const all = summaryOf(rows);
      const sum = (key: 'asked' | 'answered') => all.agents.reduce((total, one) => total + one[key], 0);
      expect([sum('asked'), sum('answered')]).toEqual([all.asked, all.answered]);
      expect(Object.values(all.distribution).reduce((a, b) => a + b, 0)).toBe(all.answered);
    }),
  );
});
