import { EDITIONS, uuidv7 } from '@recado/contracts';
import { eventually, testRedis } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { revokedKey } from '../src/auth/revocations.ts';
import { editionRoute } from '../src/edge/edition.ts';
import { mountRoutes, useEditionErrors, useRequestHooks } from '../src/edge/mount.ts';
import { editions } from '../src/editions/index.ts';
import { spansAt } from '../src/limits/windows.ts';
import { accessToken } from './access-token.ts';
import { startRedisProxy } from './redis-proxy.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

/** scheduler.md's pace of sends, as its routes will have it. */
const sendRoute = editionRoute({
  method: 'POST',
  path: '/sends',
  tag: 'Test',
  summary: 'Sends',
  auth: 'bearer',
  userLimit: { name: 'test-sends', perMinute: 10 },
  body: z.strictObject({}),
  responses: { 201: z.object({ ok: z.literal(true) }) },
  handle: async () => ({ ok: true as const }),
});

let gateway: TestGateway;
beforeAll(async () => {
  // The documented limits.
  gateway = await startTestGateway(
    { RECADO_RATE_LIMIT_FACTOR: '1', RECADO_ADDRESS_REQUESTS_PER_MINUTE: '20', RECADO_TRUSTED_PROXIES: '127.0.0.1' },
    (app, deps) => {
      app.register(
        async (scope) => {
          useEditionErrors(scope, editions.scheduler, deps);
          await useRequestHooks(scope, deps);
          mountRoutes(scope, editions.scheduler, [sendRoute], deps);
        },
        { prefix: '/test' },
      );
    },
  );
  await eventually(async () => expect(await gateway.deps.redis.ping()).toBe('PONG'));
});
afterAll(() => gateway?.close());

/** A test that counts must not be in two minutes. */
beforeEach(async () => {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 8_000) await new Promise((resolve) => setTimeout(resolve, left + 50));
});

interface Known {
  tid: string;
  authorization: string;
}
const tenant = (plan: 'basic' | 'pro' = 'pro', changes = {}): Known => {
  const tid = uuidv7();
  gateway.fakes.plans.set(tid, plan);
  return { tid, authorization: `Bearer ${accessToken(gateway.fakes, { tid, ...changes })}` };
};
const get = ({ authorization }: Known, url = '/v1/chats') => gateway.app.inject({ url, headers: { authorization } });
const usage = ({ tid }: Known) =>
  gateway.deps.limits.usage({
    caller: { tenantId: tid, userId: null, role: 'admin', permissions: [], edition: null, service: 'gateway' },
    edition: 'saas',
    sessionId: uuidv7(),
    expiresAt: Number.POSITIVE_INFINITY,
  });

/** Counts as the script keeps them. */
async function setCounts({ tid }: Known, counts: number[], at = Math.floor(Date.now() / 1000)): Promise<void> {
  const packed = Buffer.alloc(32);
  for (const [i, { start }] of spansAt(at).entries()) {
    packed.writeUInt32LE(start, i * 4);
    packed.writeUInt32LE(counts[i]!, 16 + i * 4);
  }
  await gateway.deps.redis.set(`recado:requests:${tid}`, packed);
}
const nextMinute = () => String(Math.floor(Date.now() / 60_000) * 60 + 60);

describe('a tenant’s windows', () => {
  it('are in the headers of every answer', async () => {
    const company = tenant();
    const first = await get(company);
    expect(first.statusCode).toBe(200);
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '59',
      'x-ratelimit-reset': nextMinute(),
    });
    expect((await get(company)).headers['x-ratelimit-remaining']).toBe('58');
  });

  it.each([
    ['a 404', { url: '/v1/chats/019aa000-0000-7000-8000-000000000000' }, 404],
    ['a path nobody has', { url: '/v1/nothing' }, 404],
    ['a wrong method', { method: 'DELETE', url: '/v1/messages' }, 405],
    ['bad JSON', { method: 'POST', url: '/v1/messages', payload: '{', type: 'application/json' }, 400],
    ['another content type', { method: 'POST', url: '/v1/messages', payload: '<a/>', type: 'text/xml' }, 415],
    ['bad fields', { method: 'POST', url: '/v1/messages', payload: '{}', type: 'application/json' }, 422],
    [
      'too much',
      { method: 'POST', url: '/v1/messages', payload: `"${'x'.repeat(2 << 20)}"`, type: 'application/json' },
      413,
    ],
  ] as const)('stand in the headers of %s too', async (_what, given, status) => {
    const { authorization } = tenant();
    const { type, ...request } = { type: undefined, ...given };
    const answer = await gateway.app.inject({
      ...(request as { url: string }),
      headers: { authorization, ...(type ? { 'content-type': type } : {}) },
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers).toMatchObject({ 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '59' });
  });

  it('are not in answers to anonymous callers', async () => {
    expect((await gateway.app.inject({ url: '/v1/chats' })).headers).not.toHaveProperty('x-ratelimit-limit');
  });

  it('let exactly the rest of the limit through, of 50 at once', async () => {
    const company = tenant();
    await setCounts(company, [43, 43, 43, 43]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(company)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(17);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(33);
    expect((await usage(company)).usage).toEqual({ minute: 60, hour: 60, day: 60, month: 60 });
  });

  it.each(EDITIONS)('refuse in the words of %s, with the time to retry', async (name) => {
    const edition = editions[name];
    const company = tenant('basic');
    await setCounts(company, [20, 20, 20, 20]);
    const answer = await get(company, `${edition.prefix}/nothing`);
    expect(answer.statusCode).toBe(429);
    const wait = Number(answer.headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(answer.headers).toMatchObject({
      'x-ratelimit-limit': '20',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': nextMinute(),
    });
    const error = {
      status: 429,
      code: 'too_many_requests' as const,
      message: edition.texts.errors.too_many_requests,
      details: null,
      entity: null,
      challengeToken: null,
      retryAfter: wait,
    };
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(edition.errorBody(error))));
  });

  it('charge none when one is full, and show the one to wait for', async () => {
    const company = tenant('pro');
    await setCounts(company, [3, 2000, 3000, 3000]);
    const answer = await get(company);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({ 'x-ratelimit-limit': '2000', 'x-ratelimit-remaining': '0' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(60 - (Math.floor(Date.now() / 1000) % 60) - 2);
    expect((await usage(company)).usage).toEqual({ minute: 3, hour: 2000, day: 3000, month: 3000 });
  });

  it('are empty again once they have passed', async () => {
    const company = tenant('basic');
    const minuteAgo = Math.floor(Date.now() / 1000) - 60;
    await setCounts(company, [20, 21, 22, 23], minuteAgo);
    const answer = await get(company);
    expect(answer.statusCode).toBe(200);
    expect((await usage(company)).usage.minute).toBe(1);
    const lastYear = Math.floor(Date.now() / 1000) - 366 * 86_400;
    await setCounts(company, [20, 500, 5000, 50_000], lastYear);
    expect((await get(company)).statusCode).toBe(200);
    expect((await usage(company)).usage).toEqual({ minute: 1, hour: 1, day: 1, month: 1 });
  });

  it('are separate for each tenant', async () => {
    const [full, other] = [tenant('basic'), tenant('basic')];
    await setCounts(full, [20, 20, 20, 20]);
    expect((await get(full)).statusCode).toBe(429);
    expect((await get(other)).statusCode).toBe(200);
  });

  it('are shared by every user, session and edition of a tenant', async () => {
    const company = tenant('basic');
    await setCounts(company, [19, 19, 19, 19]);
    expect((await get(company, '/api/v1/tenant')).statusCode).toBe(200);
    const other = accessToken(gateway.fakes, { tid: company.tid, sub: uuidv7(), aud: 'inbox' });
    expect((await get({ tid: company.tid, authorization: `Bearer ${other}` })).statusCode).toBe(429);
  });

  it('can be read without a charge', async () => {
    const company = tenant('pro');
    await setCounts(company, [15, 234, 3420, 45_320]);
    const expected = {
      usage: { minute: 15, hour: 234, day: 3420, month: 45_320 },
      limits: { minute: 60, hour: 2000, day: 20_000, month: 200_000 },
      // As the example of saas.md has them.
      percentages: { minute: 25, hour: 11.7, day: 17.1, month: 22.7 },
    };
    expect(await usage(company)).toEqual(expected);
    expect(await usage(company)).toEqual(expected);
  });

  it('do not count requests with a revoked token', async () => {
    const sid = uuidv7();
    const company = tenant('pro', { sid });
    expect((await get(company)).statusCode).toBe(200);
    await gateway.deps.redis.set(revokedKey(sid), '1', 'EX', 60);
    expect((await get(company)).statusCode).toBe(401);
    expect((await usage(company)).usage.minute).toBe(1);
  });

  it('go on when Redis has forgotten the script', async () => {
    const company = tenant();
    await gateway.deps.redis.script('FLUSH');
    expect((await get(company)).statusCode).toBe(200);
    expect((await usage(company)).usage.minute).toBe(1);
    expect(await gateway.deps.registry.getSingleMetricAsString('recado_rate_limit_fallback_total')).toMatch(/ 0$/m);
  });
});

describe('the rate of a user', () => {
  const send = ({ authorization }: Known) =>
    gateway.app.inject({ method: 'POST', url: '/test/sends', headers: { authorization }, payload: {} });

  it('applies beside the windows: the eleventh send in a minute is refused and charged nowhere', async () => {
    const company = tenant();
    const answers = await Promise.all(Array.from({ length: 15 }, () => send(company)));
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(10);
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]!.headers).toMatchObject({ 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '0' });
    expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused[0]!.json()).toEqual({ detail: expect.any(String) });
    expect((await usage(company)).usage.minute).toBe(10);
  });

  it('slows no other user and no other route', async () => {
    const company = tenant();
    await Promise.all(Array.from({ length: 10 }, () => send(company)));
    expect((await send(company)).statusCode).toBe(429);
    expect((await get(company)).statusCode).toBe(200);
    const colleague = accessToken(gateway.fakes, { tid: company.tid, sub: uuidv7() });
    expect((await send({ tid: company.tid, authorization: `Bearer ${colleague}` })).statusCode).toBe(201);
  });
});

describe('an address without a token', () => {
  const login = (ip: string) =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/auth/login',
      headers: { 'x-forwarded-for': ip },
      payload: { email: 'admin@hotel.com', password: 'senha123' },
    });

  it('logs in up to its limit a minute, without effect on another address', async () => {
    const answers = await Promise.all(Array.from({ length: 25 }, () => login('203.0.113.1')));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(20);
    const refused = answers.find(({ statusCode }) => statusCode === 429)!;
    expect(refused.json()).toEqual({ error: { code: 'TOO_MANY_REQUESTS', message: expect.any(String) } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await login('203.0.113.2')).statusCode).toBe(200);
  });

  it('counts by its /64 for IPv6', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => login(`2001:db8:0:7::${i}`)));
    expect((await login('2001:db8:0:7:1:2:3:4')).statusCode).toBe(429);
    expect((await login('2001:db8:0:8::1')).statusCode).toBe(200);
  });

  it('reads public pages without a limit', async () => {
    for (let i = 0; i < 30; i++) {
      const answer = await gateway.app.inject({ url: '/api/v1', headers: { 'x-forwarded-for': '203.0.113.9' } });
      expect(answer.statusCode).toBe(200);
    }
  });
});

describe('the plan', () => {
  it('applies within seconds of its change', async () => {
    const company = tenant('basic');
    expect((await get(company)).headers['x-ratelimit-limit']).toBe('20');
    gateway.fakes.plans.set(company.tid, 'pro');
    await eventually(async () => expect((await get(company)).headers['x-ratelimit-limit']).toBe('60'), {
      everyMs: 1_000,
    });
  });

  it('is not needed for an answer: while identity is away the widest windows hold', async () => {
    const away = await startTestGateway({ RECADO_RATE_LIMIT_FACTOR: '1' });
    const authorization = `Bearer ${accessToken(away.fakes, { tid: uuidv7() })}`;
    await away.app.readToken(authorization);
    await away.fakes.app.close();
    const ask = async () => {
      const answer = await away.app.inject({ url: '/api/v1/nothing', headers: { authorization } });
      return { status: answer.statusCode, limit: answer.headers['x-ratelimit-limit'] };
    };
    expect(await ask()).toEqual({ status: 404, limit: '200' });
    expect(await ask()).toEqual({ status: 404, limit: '200' });
    await away.close();
  });
});

describe('without Redis', () => {
  it('each gateway counts by itself without delay, and Redis takes over when it is back', async () => {
    const proxy = await startRedisProxy((await testRedis()).url);
    const alone = await startTestGateway({ RECADO_RATE_LIMIT_FACTOR: '1', REDIS_URL: proxy.url });
    const metric = async () =>
      Number(
        / (\d+)$/m.exec(await alone.deps.registry.getSingleMetricAsString('recado_rate_limit_fallback_total'))![1],
      );
    try {
      await eventually(async () => expect(await alone.deps.redis.ping()).toBe('PONG'));
      const tid = uuidv7();
      alone.fakes.plans.set(tid, 'basic');
      const sid = uuidv7();
      const headers = { authorization: `Bearer ${accessToken(alone.fakes, { tid })}` };
      const revoked = { authorization: `Bearer ${accessToken(alone.fakes, { tid, sid })}` };
      const ask = (given = headers) => alone.app.inject({ url: '/v1/chats', headers: given });
      await alone.deps.redis.set(revokedKey(sid), '1', 'EX', 60);
      expect((await ask(revoked)).statusCode).toBe(401);
      expect((await ask()).headers['x-ratelimit-remaining']).toBe('19');
      expect(await metric()).toBe(0);

      proxy.hang();
      const hung = await Promise.all(Array.from({ length: 10 }, () => ask()));
      expect(hung.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(200));
      // Requests in flight together share one time-out. Later ones do not even try Redis.
      const tried = vi.spyOn(alone.deps.redis, 'evalsha');
      const counted = await Promise.all(Array.from({ length: 15 }, () => ask()));
      expect(tried).not.toHaveBeenCalled();
      tried.mockRestore();
      expect(counted.filter(({ statusCode }) => statusCode === 200)).toHaveLength(10);
      expect(counted.filter(({ statusCode }) => statusCode === 429)).toHaveLength(5);
      expect(counted.at(-1)!.headers['x-ratelimit-limit']).toBe('20');
      expect(await metric()).toBe(25);
      // Met before: it does not come to life again.
      expect((await ask(revoked)).statusCode).toBe(401);

      proxy.cut();
      expect((await ask()).statusCode).toBe(429);
      proxy.mend();
      await eventually(async () => expect((await ask()).statusCode).toBe(200));
      const back = await metric();
      expect((await ask()).headers['x-ratelimit-remaining']).toBe('17');
      expect(await metric()).toBe(back);
    } finally {
      await alone.close();
      await proxy.close();
    }
  });
});
