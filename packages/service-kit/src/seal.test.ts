import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSealer, SealError } from './seal.ts';

const key = () => randomBytes(32).toString('base64');
const [a, b] = [key(), key()];

test('what is sealed opens, also after rotation; no two seals look alike', () => {
  const old = createSealer(`2024:${a}`);
  const sealed = old.seal('EAAG-token ção', 'tenant-1');
  expect(sealed).toMatch(/^s1\.2024\.[\w-]+$/);
  expect(sealed).not.toBe(old.seal('EAAG-token ção', 'tenant-1'));
  const ring = createSealer(` 2025:${b}, 2024:${a} `);
  expect(ring.activeKeyId).toBe('2025');
  expect(ring.open(sealed, 'tenant-1')).toBe('EAAG-token ção');
  const rotated = ring.rotate(sealed, 'tenant-1')!;
  expect(rotated).toMatch(/^s1\.2025\./);
  expect(ring.open(rotated, 'tenant-1')).toBe('EAAG-token ção');
  expect(ring.rotate(rotated, 'tenant-1')).toBeNull();
  expect(ring.open(ring.seal(''))).toBe('');
});

test('an unknown key, another context, and every flipped bit are refused', () => {
  const sealer = createSealer(`k1:${a}`);
  const sealed = sealer.seal('secret', 'tenant-1');
  expect(() => createSealer(`k2:${b}`).open(sealed, 'tenant-1')).toThrow('Sealed with key k1');
  expect(() => createSealer(`k1:${b}`).open(sealed, 'tenant-1')).toThrow(SealError);
  expect(() => sealer.open(sealed, 'tenant-2')).toThrow(SealError);
  const [version, id, payload] = sealed.split('.') as [string, string, string];
  const bytes = Buffer.from(payload, 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i]! ^= 1;
    expect(() => sealer.open(`${version}.${id}.${changed.toString('base64url')}`, 'tenant-1')).toThrow(SealError);
  }
  for (const wrong of ['', 'secret', 's1.k1', 's1.k1.AAAA', `${sealed}.x`, sealed.replace('s1', 's2')]) {
    expect(() => sealer.open(wrong, 'tenant-1')).toThrow(SealError);
  }
});

test.each(['', ',', 'k1', ':abc', `k 1:${a}`, 'k1:c2hvcnQ=', `k1:${a},k1:${b}`])(
  'the ring "%.12s" is refused',
  (ring) => {
    expect(() => createSealer(ring)).toThrow();
  },
);
