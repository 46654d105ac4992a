import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { newKey, readKey } from './key.ts';

describe('an API key', () => {
  it('names its tenant, is never the same twice and is told apart by its first characters', () => {
    const tenantId = uuidv7();
    const [a, b] = [newKey(tenantId), newKey(tenantId)];
    expect(readKey(a.key)).toEqual({ tenantId, hash: a.hash });
    expect(a.key.startsWith(a.prefix)).toBe(true);
    expect(a.prefix).toMatch(/^rcd_[\w-]{8}$/);
    expect(b.prefix).not.toBe(a.prefix);
  });

  it.each(['', 'rcd_', `rcd_${'a'.repeat(63)}`, `rcd_${'a'.repeat(63)}!`, `xxx_${'a'.repeat(64)}`, 'a'.repeat(68)])(
    'is not %j',
    (key) => {
      expect(readKey(key)).toBeNull();
    },
  );
});
