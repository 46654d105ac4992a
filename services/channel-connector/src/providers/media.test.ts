import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { bytesOfBase64, sha256Hex } from './media.ts';

const read = (json: string, piece: number) =>
  buffer(
    Readable.from(
      Array.from({ length: Math.ceil(json.length / piece) }, (_, i) =>
        Buffer.from(json.slice(i * piece, (i + 1) * piece)),
      ),
    ).pipe(bytesOfBase64()),
  );

describe('the bytes in a JSON answer', () => {
  const bytes = randomBytes(1000);
  const base64 = bytes.toString('base64');
  it.each([
    ['alone', JSON.stringify({ base64 })],
    ['after other fields', JSON.stringify({ mimetype: 'image/png', size: { a: 1 }, base64, buffer: null })],
    ['as a data URL', JSON.stringify({ base64: `data:image/png;base64,${base64}`, mimetype: 'a/b' })],
    ['with escaped slashes', JSON.stringify({ base64 }).replaceAll('/', '\\/')],
  ])('are read %s, in pieces of any size', async (_title, json) => {
    for (const piece of [1, 2, 3, 5, 7, 64, json.length]) {
      expect((await read(json, piece)).equals(bytes), `in pieces of ${piece}`).toBe(true);
    }
  });

  it('are none when the answer has none, or breaks off', async () => {
    await expect(read('{"error":"x"}', 5)).rejects.toThrow();
    await expect(read(JSON.stringify({ base64 }).slice(0, 100), 7)).rejects.toThrow('ended within');
  });
});

it('a digest is compared as hex, however it came', () => {
  const digest = randomBytes(32);
  expect(sha256Hex(digest.toString('base64'))).toBe(digest.toString('hex'));
  expect(sha256Hex(digest.toString('hex').toUpperCase())).toBe(digest.toString('hex'));
  expect(sha256Hex('nonsense')).toBeUndefined();
});
