import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { hashRefreshToken, newRefreshToken, readRefreshToken } from './refresh-token.ts';

describe('a refresh token', () => {
  it('names its tenant and is never the same twice', () => {
    const tenantId = uuidv7();
    const token = newRefreshToken(tenantId);
    expect(readRefreshToken(token)).toEqual({ tenantId, hash: hashRefreshToken(token) });
    expect(newRefreshToken(tenantId)).not.toBe(token);
  });

  it.each(['', 'x', 'a'.repeat(63), `${'a'.repeat(63)}!`, 'a'.repeat(65), '\u0000'.repeat(64)])(
    'is not %j',
    (token) => {
      expect(readRefreshToken(token)).toBeNull();
    },
  );
});
