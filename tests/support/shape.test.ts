import { expect, it } from 'vitest';
import { misfits } from './shape.ts';

it('finds missing keys and wrong types, and nothing in an answer that fits', () => {
  const example = { id: 1, name: 'x', tags: ['a'], nested: { n: 1, nothing: null } };
  expect(misfits(example, { id: 'uuid', name: 'y', tags: [], nested: { n: 2, nothing: 'text' }, extra: true })).toEqual(
    [],
  );
  expect(misfits(example, { id: 1, name: 5, tags: [3], nested: {} })).toEqual([
    '$.name is number, not string',
    '$.tags[0] is number, not string',
    '$.nested.n is missing',
    '$.nested.nothing is missing',
  ]);
  expect(misfits(example, null)).toEqual([]);
  expect(misfits({ a: { b: 1 } }, { a: [] })).toEqual(['$.a is object, not an object']);
});
