import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signingKey, verifySignature } from './signature.ts';

const sign = (secret: string, body: Uint8Array) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

test('a signature is right only for exactly these bytes and this secret', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), fc.nat(), (body, secret, at) => {
      const header = sign(secret, body);
      expect(verifySignature(signingKey(secret), body, header)).toBe(true);
      expect(verifySignature(signingKey(`${secret}!`), body, header)).toBe(false);
      expect(verifySignature(signingKey(secret), Buffer.concat([body, Buffer.from([at & 255])]), header)).toBe(false);
      const digit = 7 + (at % 64);
      const flipped = header.slice(0, digit) + (header[digit] === '0' ? '1' : '0') + header.slice(digit + 1);
      expect(verifySignature(signingKey(secret), body, flipped)).toBe(false);
    }),
  );
});

test('a missing header, another scheme or half a digest is wrong', () => {
  const key = signingKey('secret');
  const body = Buffer.from('{}');
  const good = sign('secret', body);
  for (const header of [null, '', 'sha256=', good.slice(0, -2), good.toUpperCase(), good.replace('sha256', 'sha512')]) {
    expect(verifySignature(key, body, header)).toBe(false);
  }
});
