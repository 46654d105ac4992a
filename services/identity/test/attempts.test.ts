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
const account = (): Subject => ({ key: `account:${counter++}`, limit: 5, clearedBySuccess: true });
const address = (): Subject => ({ key: `ip:${counter++}`, limit: 5, clearedBySuccess: false });
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

  it('under way count as if they failed', async () => {
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

  it('of an office that logs in right never end', async () => {
    const of = attempts();
    const office = address();
    for (let i = 0; i < 30; i++) expect(await attempt(of, [account(), office], 'right')).toBe('go');
  });

  it('take a place with all or with none', async () => {
    const of = attempts();
    const [free, full] = [account(), address()];
    for (let i = 0; i < 5; i++) await attempt(of, [full], 'wrong');
    for (let i = 0; i < 9; i++) expect(await attempt(of, [free, full], 'wrong')).toBe('refused');
    for (let i = 0; i < 5; i++) expect(await attempt(of, [free], 'wrong')).toBe('go');
  });
});
