import { setTimeout as pause } from 'node:timers/promises';
import { uuidv7 } from '@recado/contracts';
import { Unavailable } from '@recado/service-kit';
import { eventually, testRedis } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { editionRoute } from '../src/edge/edition.ts';
import { mountRoutes, useEditionErrors, useRequestHooks } from '../src/edge/mount.ts';
import { editions } from '../src/editions/index.ts';
import { createIdempotencyStore } from '../src/idempotency/store.ts';
import { accessToken } from './access-token.ts';
import { startRedisProxy } from './redis-proxy.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

const body = z.strictObject({ words: z.string().optional() });
const route = { method: 'POST', tag: 'Test', summary: 'Test', auth: 'bearer', body } as const;
/** Answers of every kind, by routes of the test's own. */
let handled = 0;
const routes = [
  editionRoute({
    ...route,
    path: '/nothing-to-say',
    responses: { 204: z.null() },
    handle: async () => {
      handled++;
      return null;
    },
  }),
  editionRoute({
    ...route,
    path: '/long',
    responses: { 201: z.object({ text: z.string() }) },
    handle: async () => ({ text: 'x'.repeat(100_000 + handled++) }),
  }),
  editionRoute({
    ...route,
    path: '/secret',
    cache: 'none',
    responses: { 201: z.object({ secret: z.string() }) },
    handle: async () => ({ secret: `s${handled++}` }),
  }),
  editionRoute({
    ...route,
    path: '/auth/again',
    responses: { 201: z.object({ n: z.number() }) },
    handle: async () => ({ n: handled++ }),
  }),
];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({}, (app, deps) => {
    app.register(
      async (scope) => {
        useEditionErrors(scope, editions.crm, deps);
        await useRequestHooks(scope, deps);
        mountRoutes(scope, editions.crm, routes, deps);
      },
      { prefix: '/test' },
    );
  });
  await eventually(async () => expect(await gateway.deps.redis.ping()).toBe('PONG'));
});
afterAll(() => gateway?.close());
beforeEach(() => {
  gateway.fakes.beforeSend = async () => {};
  gateway.fakes.asked.length = 0;
});

const SEND = `/api/v1/whatsapp/instances/${samples.channel.id}/messages/send`;
const HELLO = { to: '51999888777', text: 'Hola' };

interface Given {
  url?: string;
  payload?: object;
  authorization?: string;
  app?: TestGateway;
}
function send(key: string | undefined, given: Given = {}) {
  const { url = SEND, payload = HELLO, app = gateway } = given;
  const authorization = given.authorization ?? `Bearer ${accessToken(app.fakes)}`;
  const headers = { authorization, ...(key === undefined ? {} : { 'idempotency-key': key }) };
  return app.app.inject({ method: 'POST', url, headers, payload });
}
const sends = (it = gateway) => it.fakes.asked.filter(({ call }) => call.startsWith('POST /channels/')).length;

const NAMES = { scope: 'scope', secret: Buffer.alloc(32, 7) };

describe('the same key', () => {
  it('with the same body gives the same answer, and sends once', async () => {
    const key = uuidv7();
    const [first, second] = [await send(key), await send(key)];
    expect(first.statusCode).toBe(201);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect([second.statusCode, second.body, second.headers['content-type']]).toEqual([
      first.statusCode,
      first.body,
      first.headers['content-type'],
    ]);
    expect(sends()).toBe(1);
    // Without a key it is another message.
    const third = await send(undefined);
    expect(third.json().data.message.id).not.toBe(first.json().data.message.id);
    expect(sends()).toBe(2);
  });

  it('with another body or query gets 422', async () => {
    const key = uuidv7();
    expect((await send(key)).statusCode).toBe(201);
    const other = await send(key, { payload: { ...HELLO, text: 'Adiós' } });
    // saas has no 422.
    expect(other.statusCode).toBe(400);
    expect(other.json().message).toBe('La clave de idempotencia ya se usó con otro contenido');
    expect((await send(key, { url: `${SEND}?x=1` })).statusCode).toBe(400);
    expect(sends()).toBe(1);
  });

  it('belongs to one user and one route', async () => {
    const key = uuidv7();
    await send(key);
    expect(
      (await send(key, { authorization: `Bearer ${accessToken(gateway.fakes, { sub: uuidv7() })}` })).statusCode,
    ).toBe(201);
    expect(
      (await send(key, { authorization: `Bearer ${accessToken(gateway.fakes, { tid: uuidv7() })}` })).statusCode,
    ).toBe(201);
    expect(sends()).toBe(3);
    const users = await send(key, {
      url: '/v1/users',
      payload: { email: 'nuevo@empresa.com', password: 'password123', first_name: 'Ana', last_name: 'B', role_id: 3 },
    });
    expect(users.statusCode).toBe(201);
  });

  it('while the first is in flight gets 409, and one answer is kept', async () => {
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    gateway.fakes.beforeSend = () => held;
    const key = uuidv7();
    const first = send(key);
    await eventually(() => expect(sends()).toBe(1));
    const second = await send(key);
    expect(second.statusCode).toBe(409);
    expect(second.headers['retry-after']).toBe('1');
    expect(second.json().message).toBe('Una solicitud con la misma clave de idempotencia está en curso');
    expect((await send(key, { payload: { ...HELLO, text: 'Otra' } })).statusCode).toBe(400);
    go();
    expect((await first).statusCode).toBe(201);
    expect((await send(key)).body).toBe((await first).body);
    expect(sends()).toBe(1);
  });

  it('in 30 parallel requests sends once', async () => {
    const key = uuidv7();
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(key)));
    expect(sends()).toBe(1);
    expect(answers.filter(({ statusCode }) => statusCode !== 201 && statusCode !== 409)).toEqual([]);
    expect(new Set(answers.filter(({ statusCode }) => statusCode === 201).map(({ body }) => body)).size).toBe(1);
  });

  it('goes to the service in a derived form, the same each time', async () => {
    const key = uuidv7();
    gateway.fakes.beforeSend = async () => {
      throw new Unavailable('postgres');
    };
    await send(key);
    gateway.fakes.beforeSend = async () => {};
    await send(key);
    const keys = gateway.fakes.asked
      .filter(({ call }) => call.startsWith('POST /channels/'))
      .map(({ idempotencyKey }) => idempotencyKey);
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[\w-]{43}$/);
    expect(keys[0]).not.toContain(key);
  });
});

describe('the kept answer', () => {
  it('is never a failure of ours, so a repeat is a new try', async () => {
    const key = uuidv7();
    gateway.fakes.beforeSend = async () => {
      throw new Unavailable('postgres');
    };
    expect((await send(key)).statusCode).toBe(503);
    gateway.fakes.beforeSend = async () => {};
    const again = await send(key);
    expect(again.statusCode).toBe(201);
    expect(again.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('is a refusal, in the edition’s words', async () => {
    const key = uuidv7();
    const refused = { url: '/v1/users', payload: { email: 'x' } };
    const [first, second] = [await send(key, refused), await send(key, refused)];
    expect(first.statusCode).toBe(422);
    expect([second.statusCode, second.body]).toEqual([422, first.body]);
    expect(second.headers['idempotency-replayed']).toBe('true');
  });

  it('may have no body', async () => {
    const key = uuidv7();
    const asked = { url: '/test/nothing-to-say', payload: {} };
    const before = handled;
    const [first, second] = [await send(key, asked), await send(key, asked)];
    expect([first.statusCode, first.body, second.statusCode, second.body]).toEqual([204, '', 204, '']);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(handled).toBe(before + 1);
  });

  it('may be too long, and then its request is not done twice', async () => {
    const key = uuidv7();
    const asked = { url: '/test/long', payload: {} };
    const before = handled;
    expect((await send(key, asked)).json().text.length).toBeGreaterThan(100_000);
    expect((await send(key, asked)).statusCode).toBe(409);
    expect(handled).toBe(before + 1);
  });

  it.each(['/test/secret', '/test/auth/again'])('is no secret: %s answers anew', async (url) => {
    const key = uuidv7();
    const [first, second] = [await send(key, { url, payload: {} }), await send(key, { url, payload: {} })];
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.body).not.toBe(first.body);
    for (const name of await gateway.deps.redis.keys('recado:idempotency:*')) {
      expect(await gateway.deps.redis.get(name)).not.toContain(first.body);
    }
  });

  it('stays a day, under the tenant’s id and without the key', async () => {
    const tid = uuidv7();
    const key = 'order-4711';
    await send(key, { authorization: `Bearer ${accessToken(gateway.fakes, { tid })}` });
    const [name, ...others] = await gateway.deps.redis.keys(`recado:idempotency:${tid}:*`);
    expect(others).toEqual([]);
    expect(name).not.toContain(key);
    const ttl = await gateway.deps.redis.ttl(name!);
    expect(ttl).toBeGreaterThan(86_000);
    expect(ttl).toBeLessThanOrEqual(86_400);
  });
});

describe('a key', () => {
  it.each([
    ['', false],
    ['a b', false],
    ['ñ', false],
    ['x'.repeat(256), false],
    ['x'.repeat(255), true],
    ['{"any":~visible!}', true],
  ])('of %j', async (key, good) => {
    const answer = await send(key, { url: '/test/nothing-to-say', payload: { words: key } });
    expect(answer.statusCode).toBe(good ? 204 : 422);
    if (!good) expect(answer.json().error.details).toEqual([{ field: 'Idempotency-Key', message: expect.any(String) }]);
  });

  it('has no effect on reads', async () => {
    const headers = { authorization: `Bearer ${accessToken(gateway.fakes)}`, 'idempotency-key': 'a b' };
    expect((await gateway.app.inject({ url: '/v1/chats', headers })).statusCode).toBe(200);
  });
});

describe('a gateway that dies', () => {
  it('leaves its key in flight for a minute at most, and a living one holds it as long as needed', async () => {
    const { redis } = gateway.deps;
    const store = createIdempotencyStore(redis, { ask: (command) => command() });
    const claim = await store.claim('tenant', NAMES, 'print');
    expect(claim.state).toBe('ours');
    expect(await redis.pttl('recado:idempotency:tenant:scope')).toBeLessThanOrEqual(60_000);
    expect((await store.claim('tenant', NAMES, 'print')).state).toBe('in flight');
    // As if the minute were over: another gateway has it now, and the first one's answer does not
    // overwrite it.
    await redis.del('recado:idempotency:tenant:scope');
    const second = await store.claim('tenant', NAMES, 'print');
    if (claim.state !== 'ours' || second.state !== 'ours') throw new Error('Both must have had it');
    await claim.lease.keep({ status: 201, contentType: 'text/plain', body: 'late' });
    expect((await store.claim('tenant', NAMES, 'print')).state).toBe('in flight');
    await second.lease.keep({ status: 201, contentType: 'text/plain', body: 'mine' });
    expect(await store.claim('tenant', NAMES, 'print')).toMatchObject({
      state: 'answered',
      answer: { body: 'mine' },
    });
  });
});

describe('without Redis', () => {
  it('a request with a key gets 503, and one without is served', async () => {
    const proxy = await startRedisProxy((await testRedis()).url);
    const alone = await startTestGateway({ REDIS_URL: proxy.url });
    try {
      await eventually(async () => expect(await alone.deps.redis.ping()).toBe('PONG'));
      expect((await send(uuidv7(), { app: alone })).statusCode).toBe(201);
      proxy.cut();
      const refused = await send(uuidv7(), { app: alone });
      expect(refused.statusCode).toBe(503);
      expect(refused.headers['retry-after']).toBe('1');
      expect((await send(undefined, { app: alone })).statusCode).toBe(201);
      expect(sends(alone)).toBe(2);
      proxy.mend();
      await eventually(async () => expect((await send(uuidv7(), { app: alone })).statusCode).toBe(201));
    } finally {
      await alone.close();
      await proxy.close();
    }
  });

  it('the answer is given when Redis goes away during the request', async () => {
    const proxy = await startRedisProxy((await testRedis()).url);
    const alone = await startTestGateway({ REDIS_URL: proxy.url });
    try {
      await eventually(async () => expect(await alone.deps.redis.ping()).toBe('PONG'));
      alone.fakes.beforeSend = async () => {
        proxy.cut();
        await pause(20);
      };
      expect((await send(uuidv7(), { app: alone })).statusCode).toBe(201);
    } finally {
      await alone.close();
      await proxy.close();
    }
  });
});
