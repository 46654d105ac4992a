import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';

test('gives the value once the attempt stops throwing', async () => {
  let tries = 0;
  const value = await eventually(
    () => {
      tries++;
      if (tries < 3) throw new Error('not yet');
      return 'here';
    },
    { everyMs: 1 },
  );
  expect(value).toBe('here');
  expect(tries).toBe(3);
});

test('throws the last reason when it never is', async () => {
  const never = eventually(() => Promise.reject(new Error('still dark')), { timeoutMs: 20, everyMs: 5 });
  await expect(never).rejects.toThrow('Not so within 20 ms: still dark');
});
