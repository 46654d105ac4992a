import { afterAll, describe, expect, it } from 'vitest';
import { createPasswords } from '../src/passwords/hasher.ts';
import { startHashing } from '../src/passwords/hashing.ts';

const hashing = startHashing({ warn: () => undefined });
const passwords = createPasswords({ hashing, concurrency: 2, maxWaiting: 2 });
afterAll(() => hashing.close());

describe('passwords', () => {
  it('are hashed with Argon2id, 19 MiB, two passes, parallelism one', async () => {
    expect(await passwords.hash('a fine password')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('are compared over their whole length', async () => {
    const long = 'x'.repeat(200);
    const stored = await passwords.hash(long);
    expect(await passwords.verify(stored, long)).toBe(true);
    expect(await passwords.verify(stored, `${long.slice(0, -1)}y`)).toBe(false);
  });

  it('match in both Unicode spellings of é', async () => {
    expect(await passwords.verify(await passwords.hash('caf\u00e9 con leche'), 'cafe\u0301 con leche')).toBe(true);
  });

  it('never match where there is no user', async () => {
    expect(await passwords.verify(null, 'a fine password')).toBe(false);
  });

  it('wait in a bounded queue and are refused beyond it', async () => {
    const tries = await Promise.allSettled(Array.from({ length: 6 }, () => passwords.verify(null, 'a fine password')));
    const refused = tries.filter((t) => t.status === 'rejected');
    expect(refused).toHaveLength(2);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'too_many_requests', retryAfter: 2 });
    expect(await passwords.verify(null, 'a fine password')).toBe(false);
  });
});
