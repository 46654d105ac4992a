import { expect, it } from 'vitest';
import { acceptedEncoding } from './compress.ts';

it.each([
  ['gzip, deflate, br', 'br'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['GZIP;q=0.8, br;q=0', 'gzip'],
  ['br ; q=0.0, gzip ; q=1.0', 'gzip'],
  ['identity', null],
  ['', null],
  [undefined, null],
])('of %s it takes %s', (header, encoding) => {
  expect(acceptedEncoding({ headers: { 'accept-encoding': header } })).toBe(encoding);
});
