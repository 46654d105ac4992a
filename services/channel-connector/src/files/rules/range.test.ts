import { expect, it } from 'vitest';
import { readRange } from './range.ts';

it.each([
  [undefined, null],
  ['bytes=0-', { start: 0, end: 9 }],
  ['bytes=2-4', { start: 2, end: 4 }],
  ['bytes=2-99', { start: 2, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-99', { start: 0, end: 9 }],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=4-2', null],
  ['bytes=0-1,3-4', null],
  ['chars=0-1', null],
  ['bytes=-', null],
])('of ten bytes %s is %j', (header, wanted) => {
  expect(readRange(header, 10)).toEqual(wanted);
});

it('of an empty file no part is there', () => {
  expect(readRange('bytes=0-', 0)).toBe('unsatisfiable');
});
