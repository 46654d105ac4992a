import fc from 'fast-check';
import { expect, it } from 'vitest';
import { latestOf } from './latest.ts';

const states = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), at: fc.constantFrom('1', '2', '3') }));

it('keeps the latest state of each item, sorted, for any order of input', () => {
  fc.assert(
    fc.property(states, (list) => {
      const kept = latestOf(
        list,
        ({ id }) => id,
        ({ at }) => at,
      );
      expect(kept.map(({ id }) => id)).toEqual([...new Set(list.map(({ id }) => id))].sort());
      for (const { id, at } of kept) {
        expect(list.filter((one) => one.id === id).every((one) => one.at <= at)).toBe(true);
      }
    }),
  );
});
