import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor, keysetPage } from './cursors.ts';

const keys = z.strictObject({ at: z.iso.datetime(), id: z.string() });

describe('cursors', () => {
  test('come back as they were', () => {
    const cursor = encodeCursor({ at: new Date(0), id: 'x' });
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(decodeCursor(keys, cursor)).toEqual({ at: '1970-01-01T00:00:00.000Z', id: 'x' });
  });

  test.each([
    ['nothing', ''],
    ['not base64url', 'a+b/c='],
    ['not JSON', Buffer.from('{').toString('base64url')],
    ['another shape', encodeCursor({ id: 'x' })],
    ['one key too many', encodeCursor({ at: new Date(0), id: 'x', more: 1 })],
    ['endless', 'a'.repeat(9000)],
  ])('%s is refused', (_what, cursor) => {
    expect(decodeCursor(keys, cursor)).toBeNull();
  });
});

test.each([2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, 1.5, 'a\0', ['\0'], { x: '\0' }])(
  'a cursor with what no column holds is refused: %j',
  (value) => {
    expect(decodeCursor(z.strictObject({ value: z.unknown() }), encodeCursor({ value }))).toBeNull();
  },
);

test.each([0, -1, 2 ** 31 - 1, -(2 ** 31), 'ñ', null, ['a', 1]])('a cursor with %j is taken', (value) => {
  expect(decodeCursor(z.strictObject({ value: z.unknown() }), encodeCursor({ value }))).toEqual({ value });
});

describe('pages', () => {
  const rows = [1, 2, 3].map((id) => ({ id }));
  test('an extra row means more', () => {
    const page = keysetPage(rows, 2, (row) => ({ id: row.id }));
    expect(page).toEqual({ items: [{ id: 1 }, { id: 2 }], hasMore: true, nextCursor: encodeCursor({ id: 2 }) });
  });
  test('without one it is the last page', () => {
    expect(keysetPage(rows, 3, (row) => ({ id: row.id }))).toEqual({ items: rows, hasMore: false, nextCursor: null });
    expect(keysetPage([], 3, () => ({}))).toEqual({ items: [], hasMore: false, nextCursor: null });
  });
});
