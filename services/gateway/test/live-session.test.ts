import { uuidv7 } from '@recado/contracts';
import { eventually, testRedis } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revokedKey } from '../src/auth/revocations.ts';
import { accessToken } from './access-token.ts';
import { type RedisProxy, startRedisProxy } from './redis-proxy.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
let proxy: RedisProxy;
beforeAll(async () => {
  proxy = await startRedisProxy((await testRedis()).url);
  gateway = await startTestGateway({ REDIS_URL: proxy.url });
});
afterAll(async () => {
  await gateway?.close();
  await proxy?.close();
});
beforeEach(async () => {
  proxy.mend();
  gateway.fakes.ended = new Set();
  const principal = await gateway.app.readToken(accessToken(gateway.fakes));
  await eventually(async () => expect((await gateway.deps.limits.check(principal)).vouched).toBe(true));
});

const newUser = { email: 'luz@hotel.com', password: 'Una-clave-larga-7', first_name: 'Luz', role_id: 'agent' };
const newKey = { name: 'ERP', permissions: ['messages.create'] };
const newRole = { name: 'cajero-2', display_name: 'Cajero', permissions: ['chats.read'] };

/** Changes of users, keys, roles and the model's costs. */
const CHANGES = [
  ['POST', '/v1/users', newUser],
  ['POST', '/v1/api-keys', newKey],
  ['POST', '/v1/roles', newRole],
  ['POST', '/api/v1/ai/toggle', { enabled: false }],
] as const;

const change = (sid: string, [method, url, payload]: (typeof CHANGES)[number]) =>
  gateway.app.inject({
    method,
    url,
    payload,
    headers: { authorization: `Bearer ${accessToken(gateway.fakes, { sid })}` },
  });
const statuses = (sid: string) => Promise.all(CHANGES.map(async (one) => (await change(sid, one)).statusCode));

describe('a change to users, roles, keys or money', () => {
  it('succeeds for a live session', async () => {
    for (const status of await statuses(uuidv7())) expect(status).toBeLessThan(300);
  });

  it('is refused without Redis to an ended session, and succeeds for a live one', async () => {
    const sid = uuidv7();
    gateway.fakes.ended!.add(sid);
    proxy.cut();
    expect(await statuses(sid)).toEqual([401, 401, 401, 401]);
    for (const status of await statuses(uuidv7())) expect(status).toBeLessThan(300);
  });

  it('is refused to an ended session of which Redis lost the mark', async () => {
    const sid = uuidv7();
    gateway.fakes.ended!.add(sid);
    expect(await gateway.deps.redis.exists(revokedKey(sid))).toBe(0);
    expect(await statuses(sid)).toEqual([401, 401, 401, 401]);
  });

  it('is refused with 503 when neither Redis nor identity answers', async () => {
    gateway.fakes.ended = null;
    proxy.cut();
    expect(await statuses(uuidv7())).toEqual([503, 503, 503, 503]);
  });

  it('is decided by Redis while identity does not answer', async () => {
    gateway.fakes.ended = null;
    for (const status of await statuses(uuidv7())) expect(status).toBeLessThan(300);
  });
});

describe('any other request', () => {
  it('succeeds while neither answers', async () => {
    gateway.fakes.ended = null;
    proxy.cut();
    const headers = { authorization: `Bearer ${accessToken(gateway.fakes)}` };
    expect((await gateway.app.inject({ url: '/v1/chats', headers })).statusCode).toBe(200);
  });
});
