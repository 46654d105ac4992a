import { expect, it } from 'vitest';
import { backoff, pauseAfter } from './backoff.ts';

it('Pauses grow by the factor up to the longest, one less than the tries', () => {
  expect(backoff({ tries: 5, firstMs: 10, factor: 3, maxMs: 100 })).toEqual([10, 30, 90, 100]);
  expect(backoff({ tries: 1, firstMs: 10 })).toEqual([]);
});

it('The pause after many failures stays the longest', () => {
  expect([1, 2, 3, 2000].map((failures) => pauseAfter(failures, { firstMs: 50, maxMs: 150 }))).toEqual([
    50, 100, 150, 150,
  ]);
});
