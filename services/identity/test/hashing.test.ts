import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { eventually } from '@recado/testkit';
import { afterEach, expect, it } from 'vitest';
import { type Hashing, startHashing } from '../src/passwords/hashing.ts';

let warnings: unknown[] = [];
const log = { warn: (...args: unknown[]) => void warnings.push(args) };
const started: Hashing[] = [];
afterEach(() => {
  for (const one of started.splice(0)) one.close();
  warnings = [];
});

function hashingWith(options?: Parameters<typeof startHashing>[1]): Hashing {
  const one = startHashing(log, options);
  started.push(one);
  return one;
}

/** Hashing processes of this one. */
function children(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('hashing-child');
      } catch {
        return false; // ended before the signal
      }
    })
    .map(Number);
}

it('computes in one low-priority process without our secrets', async () => {
  process.env.RECADO_TEST_CANARY = 'canary-of-the-hashing-test';
  const hashing = hashingWith();
  expect(children()).toEqual([]);
  const stored = await hashing.hash('a fine password');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hashing.verify(stored, 'a fine password')).toBe(true);
  expect(await hashing.verify(stored, 'another password')).toBe(false);
  const [pid, ...others] = children();
  expect(others).toEqual([]);
  expect(getPriority(pid)).toBeGreaterThanOrEqual(10);
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('canary-of-the-hashing-test');
  delete process.env.RECADO_TEST_CANARY;
});

it('gives way no more than it is told to', async () => {
  await hashingWith({ niceness: 3 }).hash('a fine password');
  const [pid] = children();
  expect(getPriority(pid)).toBe(Math.max(3, getPriority()));
});

it('ends after a while without work, and starts again with the next hash', async () => {
  const hashing = hashingWith({ idleMs: 100 });
  const stored = await hashing.hash('a fine password');
  expect(children()).toHaveLength(1);
  await eventually(() => expect(children()).toEqual([]));
  expect(await hashing.verify(stored, 'a fine password')).toBe(true);
  expect(children()).toHaveLength(1);
});

it('is replaced when it is killed during its work, and every caller gets an answer', async () => {
  const hashing = hashingWith();
  const stored = await hashing.hash('a fine password');
  const asked = Array.from({ length: 20 }, (_, i) => hashing.verify(stored, i % 2 ? 'a fine password' : 'not it'));
  for (const pid of children()) process.kill(pid, 'SIGKILL');
  expect(await Promise.all(asked)).toEqual(asked.map((_, i) => i % 2 === 1));
  expect(warnings).toEqual([]);
  expect(children()).toHaveLength(1);
});

it('without a process, hashes are computed in identity and logged once', async () => {
  const hashing = hashingWith({ program: '/nowhere/hashing-child.mjs' });
  const stored = await hashing.hash('a fine password');
  expect(await Promise.all([hashing.verify(stored, 'a fine password'), hashing.verify(stored, 'no')])).toEqual([
    true,
    false,
  ]);
  expect(warnings).toHaveLength(1);
});

it('an invalid stored hash is an error, and the next hash is answered', async () => {
  const hashing = hashingWith();
  await expect(hashing.verify('nonsense', 'a fine password')).rejects.toThrow();
  expect(await hashing.hash('a fine password')).toMatch(/^\$argon2id/);
});
