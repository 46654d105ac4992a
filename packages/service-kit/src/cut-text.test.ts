import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText } from './cut-text.ts';

test.each([
  ['short', 'Ana', 3, 'Ana'],
  ['a family', `${'a'.repeat(198)}👨‍👩‍👧‍👦`, 200, 'a'.repeat(198)],
  ['a flag', 'ab🇨🇴c', 4, 'ab'],
  ['an accent of its own', 'cafe\u0301s', 4, 'caf'],
  ['a skin colour', 'ok👍🏽!', 4, 'ok'],
  ['a surrogate pair', 'a😀', 2, 'a'],
])('a text is cut before %s that does not fit whole', (_, text, max, expected) => {
  expect(cutText(text, max)).toBe(expected);
});

test('an endless run of combining marks is cut too', () => {
  const heap = `a${'\u0301'.repeat(1000)}`;
  expect(cutText(heap, 200).length).toBeGreaterThan(0);
  expect(cutText(heap, 200).length).toBeLessThanOrEqual(200);
});

test('a cut text is well-formed, never longer than allowed, and the beginning of the whole', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 80 }), (whole, max) => {
      const cut = cutText(whole, max);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(whole.startsWith(cut) && (cut.isWellFormed() || !whole.isWellFormed())).toBe(true);
    }),
  );
});
