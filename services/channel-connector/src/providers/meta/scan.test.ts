import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { looksLikeJson, scanPhoneNumberIds } from './scan.ts';

const scan = (text: string, max = 10) => scanPhoneNumberIds(Buffer.from(text), max);

describe('the numbers of a raw body', () => {
  test.each([
    ['in quotes', '{"phone_number_id":"123"}', ['123']],
    ['as a number', '{"phone_number_id":123}', ['123']],
    ['with space around the colon', '{"phone_number_id" :\n\t "123"}', ['123']],
    [
      'once each, in their order',
      '{"phone_number_id":"2"},{"phone_number_id":"1"},{"phone_number_id":"2"}',
      ['2', '1'],
    ],
    ['not inside a text', '{"body":"\\"phone_number_id\\":\\"9\\""}', []],
    ['not of other shapes', '{"phone_number_id":null,"phone_number_id":"x","phone_number_id"}', []],
    ['not of more than 32 digits', `{"phone_number_id":"${'1'.repeat(33)}"}`, []],
    ['not cut off by the end', '{"phone_number_id"', []],
  ])('are found %s', (_what, text, expected) => {
    expect(scan(text)).toEqual(expected);
  });

  test('are too many beyond the limit, and not at it', () => {
    const body = (n: number) => Array.from({ length: n }, (_, i) => `{"phone_number_id":"${i + 1}"}`).join();
    expect(scan(body(10))).toHaveLength(10);
    expect(scan(body(11))).toBeNull();
  });

  test('are all found in any JSON', () => {
    const number = fc.stringMatching(/^[1-9]\d{2,30}$/);
    const rest = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(fc.tuple(number, rest), { maxLength: 8 }), fc.nat(3), (parts, indent) => {
        const entry = parts.map(([phone_number_id, more]) => ({ more, value: { metadata: { phone_number_id } } }));
        const found = scan(JSON.stringify({ entry }, null, indent));
        expect(found).toEqual(expect.arrayContaining(parts.map(([id]) => id)));
      }),
    );
  });
});

test('only what begins as an object or an array looks like JSON', () => {
  const looks = (text: string) => looksLikeJson(Buffer.from(text));
  expect(['{}', ' \n[', '\t{"a"'].map(looks)).toEqual([true, true, true]);
  expect(['', '   ', 'nonsense', '"text"', '7'].map(looks)).toEqual([false, false, false, false, false]);
});
