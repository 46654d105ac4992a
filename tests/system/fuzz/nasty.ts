import type { Dice } from './dice.ts';

/** Stands for JSON that `JSON.stringify` would not write; `writeJson` puts it in. */
const RAW = /"@@RAW:(\w+)@@"/g;
const raw = (name: keyof typeof WRITTEN) => `@@RAW:${name}@@`;

const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
const WRITTEN = {
  infinite: () => '1e400',
  minusInfinite: () => '-1e400',
  manyDigits: () => '9'.repeat(5000),
  tiny: () => '1e-400',
  deepLists: () => deep(5_000, '[', ']'),
  deeperLists: () => deep(100_000, '[', ']'),
  deepObjects: () => `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  deeperObjects: () => `${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`,
  deepNul: () => `${'['.repeat(20_000)}"\\u0000"${']'.repeat(20_000)}`,
  proto: () => '{"__proto__":{"admin":true}}',
  constructor_: () => '{"constructor":{"prototype":{"admin":true}}}',
  protoText: () => '{"__proto__":"x"}',
  twice: () => '{"a":1,"a":2}',
  noNumber: () => 'NaN',
  hex: () => '0x10',
  nothing: () => '',
  escapedNul: () => '"a\\u0000b"',
  nulKey: () => '{"a\\u0000b":1}',
  highSurrogate: () => '"\\ud800"',
  lowSurrogate: () => '"x\\udfffy"',
  surrogateKey: () => '{"\\ud800":"\\udc00"}',
  manyKeys: () => `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":${i}`).join(',')}}`,
} satisfies Record<string, () => string>;
const WRITTEN_NAMES = Object.keys(WRITTEN) as (keyof typeof WRITTEN)[];

const DATES = [
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00.000Z',
  '0001-01-01T00:00:00Z',
  '-000001-01-01T00:00:00.000Z',
  '+275760-09-13T00:00:00.000Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-02-30',
  '2026-02-30T10:00:00Z',
  '2026-13-45T99:99:99Z',
  '2026-11-21T09:00:00+99:99',
  '2026-11-21T24:00:00Z',
  '2016-12-31T23:59:60Z',
  '0000-00-00',
  '9999-12-31',
  '10000-01-01',
  '275760-09-13',
  '1970-01-01T00:00:00Z',
  '-1',
];

const TEXTS = [
  '',
  ' ',
  '\t\n\r',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  '-Infinity',
  'true',
  'on',
  '0',
  '-1',
  '1.5',
  '1e400',
  '999999999999999999999',
  '١٢٣',
  "' or '1'='1",
  "'; drop table users; --",
  '%',
  '_%_',
  '\\',
  '\\\\x00',
  '$1',
  '{1,2}',
  '$(id)',
  '{{7*7}}',
  '%s%n%x',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '=cmd|calc!A1',
  'a@b',
  `${'a'.repeat(300)}@example.com`,
  'ünïcödé@exämple.com',
  'a@[127.0.0.1]',
  '+1',
  '+999999999999999999',
  '5730012345678901234567890',
  'http://127.0.0.1:1/',
  'http://[::1]/',
  'http://0x7f.1/',
  'javascript:alert(1)',
  'https://exa mple.com',
  `https://example.com/${'a'.repeat(3000)}`,
  'America/Nowhere',
  'Etc/GMT+99',
  '../UTC',
  'é'.normalize('NFD'),
  '\u202ecod.exe',
  '\ufeffbom',
  '\u2028\u2029',
  '👩‍👩‍👧‍👦'.repeat(50),
  'Z͑ͫ̓ͪ̂ͫ̽͏'.repeat(200),
  'ﷺ'.repeat(500),
  'İ',
  'ß',
  '\u0001\u001f\u007f\u0085',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '{0190a0a0-0000-7000-8000-00000000000a}',
  '0190a0a00000700080000000000000000a',
  'eyJhIjoxfQ',
  '[object Object]',
];

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.1,
  -0.5,
  1e21,
  -1e21,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 63,
  1e12,
  275760,
  8.64e15,
  8.64e15 + 1,
  -8.64e15,
];

/**
 * A value no honest client sends where something else belongs. May be a mark that only `writeJson`
 * understands.
 */
export function nasty(roll: Dice): unknown {
  switch (roll.below(12)) {
    case 0:
      return roll.pick([null, true, false]);
    case 1:
    case 2:
      return roll.pick(NUMBERS);
    case 3:
    case 4:
    case 5:
      return roll.pick(TEXTS);
    case 6:
      return roll.pick(DATES);
    case 7:
      return roll.pick<unknown>([
        [],
        {},
        [[]],
        [null],
        [{}],
        { a: 1 },
        { length: 3 },
        ['a', 'a'],
        { toString: 1 },
        { id: null },
      ]);
    case 8:
      return 'x'.repeat(roll.pick([65, 129, 257, 4097, 100_000]));
    case 9:
      return unknownId(roll);
    case 10:
      return Array.from({ length: roll.pick([2, 201, 3000]) }, () => roll.pick([1, 'a', null]));
    default:
      return raw(roll.pick(WRITTEN_NAMES));
  }
}

/** A well-formed id of no row. */
export function unknownId(roll: Dice): string {
  const hex = (digits: number) => Array.from({ length: digits }, () => roll.below(16).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
}

/** The same as a text, for places that hold texts alone: paths, queries, headers. */
export function nastyText(roll: Dice): string {
  const value = nasty(roll);
  if (typeof value === 'string') return /^@@RAW/.test(value) ? roll.pick(TEXTS) : value;
  return JSON.stringify(value) ?? '';
}

/** JSON with the marks replaced by what they stand for. */
export function writeJson(value: unknown): string {
  return (JSON.stringify(value) ?? '').replace(RAW, (mark, name: string) =>
    // A later change may have turned a mark into another text: then it is one.
    name in WRITTEN ? WRITTEN[name as keyof typeof WRITTEN]() : mark,
  );
}
