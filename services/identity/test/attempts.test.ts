import { testRedis } from '@recado/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempts, Outcome, Subject } from '../src/logins/attempts.ts';
import { createMemoryAttempts } from '../src/logins/memory-attempts.ts';
import { createRedisAttempts } from '../src/logins/redis-attempts.ts';

const WINDOW_MS = 1500;
let redis: Redis;
beforeAll(async () => {
  redis = new Redis((await testRedis()).url);
});
afterAll(() => redis.disconnect());

let counter = 0;
const account = (): Subject => ({ key: `account:${counter++}`, limit: 5, pauses: false, clearedBySuccess: true });
const address = (): Subject => ({ key: `ip:${counter++}`, limit: 5, pauses: false, clearedBySuccess: false });
const slowed = (): Subject => ({ key: `slowed:${counter++}`, limit: 3, pauses: true, clearedBySuccess: true });
let ids = 0;

describe.each(['memory', 'redis'] as const)('attempts in %s', (kind) => {
  const attempts = (): Attempts =>
    kind === 'memory'
      ? createMemoryAttempts({ windowMs: WINDOW_MS })
      : createRedisAttempts(redis, { windowMs: WINDOW_MS });

  async function attempt(of: Attempts, subjects: Subject[], outcome: Outcome): Promise<string> {
    const id = `id${ids++}`;
    const { verdict } = await of.reserve(subjects, id);
    if (verdict === 'go') await of.settle(subjects, id, outcome);
    return verdict;
  }

  it('end with the fifth failure, until the window has passed', async () => {
    const of = attempts();
    const subjects = [account()];
    for (let i = 0; i < 5; i++) expect(await attempt(of, subjects, 'wrong')).toBe('go');
    const refused = await of.reserve(subjects, 'late');
    expect(refused).toMatchObject({ verdict: 'refused' });
    const { retryMs } = refused as { retryMs: number };
    expect(retryMs).toBeGreaterThan(0);
    expect(retryMs).toBeLessThanOrEqual(WINDOW_MS);
    await new Promise((resolve) => setTimeout(resolve, retryMs + 10));
    expect(await attempt(of, subjects, 'wrong')).toBe('go');
  });

  it('in flight count as if they failed', async () => {
    const of = attempts();
    const subjects = [account()];
    await attempt(of, subjects, 'wrong');
    for (let i = 0; i < 4; i++) expect(await of.reserve(subjects, `held${i}`)).toEqual({ verdict: 'go' });
    expect(await of.reserve(subjects, 'fifth')).toEqual({ verdict: 'wait' });
    await of.settle(subjects, 'held0', 'undecided');
    expect(await of.reserve(subjects, 'fifth')).toEqual({ verdict: 'go' });
  });

  it('that succeed clear the account and not the address', async () => {
    const of = attempts();
    const subjects = [account(), address()];
    for (let i = 0; i < 4; i++) await attempt(of, subjects, 'wrong');
    expect(await attempt(of, subjects, 'right')).toBe('go');
    expect(await attempt(of, subjects, 'wrong')).toBe('go');
    expect(await attempt(of, subjects, 'wrong')).toBe('refused');
    expect(await attempt(of, [subjects[0]!], 'wrong')).toBe('go');
  });

  it('with the right password never block an office', async () => {
    const of = attempts();
    const office = address();
    for (let i = 0; i < 30; i++) expect(await attempt(of, [account(), office], 'right')).toBe('go');
  });

  it('make growing pauses where they do not block, with one try after each', async () => {
    let passed = 0;
    const of =
      kind === 'memory'
        ? createMemoryAttempts({ windowMs: 900_000, now: () => 1_795_252_035_000 + passed })
        : createRedisAttempts(redis, { windowMs: 900_000 });
    const subject = slowed();
    async function pass(ms: number): Promise<void> {
      passed += ms;
      if (kind === 'memory') return;
      const key = `recado:{logins}:failed:${subject.key}`;
      for (const id of await redis.zrange(key, 0, '-1')) await redis.zincrby(key, String(-ms), id);
    }
    for (let i = 0; i < 3; i++) expect(await attempt(of, [subject], 'wrong')).toBe('go');
    for (const seconds of [5, 10, 20, 40, 60, 60]) {
      const refused = await of.reserve([subject], 'early');
      expect(refused).toMatchObject({ verdict: 'refused' });
      // The clock of Redis goes on between two calls.
      expect(Math.ceil((refused as { retryMs: number }).retryMs / 1000)).toBe(seconds);
      await pass(seconds * 1000);
      expect(await of.reserve([subject], `id${ids}`)).toEqual({ verdict: 'go' });
      expect(await of.reserve([subject], 'second')).toEqual({ verdict: 'wait' });
      await of.settle([subject], `id${ids++}`, 'wrong');
    }
    await pass(60_000);
    expect(await attempt(of, [subject], 'right')).toBe('go');
    for (let i = 0; i < 3; i++) expect(await attempt(of, [subject], 'wrong')).toBe('go');
  });

  it('take a place in all counters or in none', async () => {
    const of = attempts();
    const [free, full] = [account(), address()];
    for (let i = 0; i < 5; i++) await attempt(of, [full], 'wrong');
    for (let i = 0; i < 9; i++) expect(await attempt(of, [free, full], 'wrong')).toBe('refused');
    for (let i = 0; i < 5; i++) expect(await attempt(of, [free], 'wrong')).toBe('go');
  });
});
