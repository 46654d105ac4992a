import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { hashOpaqueToken, newOpaqueToken, readOpaqueToken } from './opaque-token.ts';

describe('an opaque token', () => {
  it('names its tenant and is never the same twice', () => {
    const tenantId = uuidv7();
    const token = newOpaqueToken(tenantId);
    expect(readOpaqueToken(token)).toEqual({ tenantId, hash: hashOpaqueToken(token) });
    expect(newOpaqueToken(tenantId)).not.toBe(token);
  });

  it.each(['', 'x', 'a'.repeat(63), `${'a'.repeat(63)}!`, 'a'.repeat(65), '\u0000'.repeat(64)])(
    'is not %j',
    (token) => {
      expect(readOpaqueToken(token)).toBeNull();
    },
  );
});
