import { randomBytes } from 'node:crypto';
import { EDITIONS, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiKeys } from '../src/auth/api-keys.ts';
import { revokedKey } from '../src/auth/revocations.ts';
import { editions } from '../src/editions/index.ts';
import { attachRealtime } from '../src/realtime/attach.ts';
import { accessToken } from './access-token.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ RECADO_TRUSTED_PROXIES: '127.0.0.1' });
  await eventually(async () => expect(await gateway.deps.redis.ping()).toBe('PONG'));
});
afterAll(() => gateway?.close());
beforeEach(() => {
  gateway.fakes.calls.length = 0;
});

const newKey = () => `rcd_${randomBytes(48).toString('base64url')}`;
/** A key identity knows. */
function known(permissions: string[] = ['chats.read', 'messages.create'], expiresAt: string | null = null) {
  const key = newKey();
  const apiKeyId = uuidv7();
  gateway.fakes.apiKeys.set(key, { apiKeyId, tenantId: samples.tenant.id, permissions, expiresAt });
  return { key, apiKeyId };
}
/** The two ways to show a key. */
const shown = (key: string): Record<string, string>[] => [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }];
const get = (url: string, headers: Record<string, string>) => gateway.app.inject({ url, headers });
const asked = () => gateway.fakes.calls.filter((call) => call.includes('/api-keys/authenticate')).length;

describe('an API key', () => {
  it('opens what its permissions name, as bearer and as X-Api-Key', async () => {
    const { key } = known();
    for (const headers of shown(key)) {
      const answer = await get('/v1/chats', headers);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toHaveProperty('x-ratelimit-remaining');
      expect((await get('/api/v1/analytics/realtime', headers)).statusCode).toBe(403);
    }
  });

  it.each(EDITIONS)('is an authenticated caller in %s', async (name) => {
    const { key } = known();
    const { prefix } = editions[name];
    // An unknown path: 404 with the tenant's windows; an anonymous caller's has none.
    const answer = await get(`${prefix}/nothing`, { 'x-api-key': key });
    expect([answer.statusCode, answer.headers]).toEqual([
      404,
      expect.objectContaining({ 'x-ratelimit-limit': '60000' }),
    ]);
    expect((await get(`${prefix}/nothing`, { 'x-api-key': newKey() })).headers).not.toHaveProperty('x-ratelimit-limit');
  });

  it('is not a user', async () => {
    const { key } = known();
    expect((await get('/api/v1/auth/me', { 'x-api-key': key })).statusCode).toBe(403);
  });

  it('is checked with identity once in a while, for any number of requests', async () => {
    const { key } = known();
    await Promise.all(Array.from({ length: 20 }, () => get('/v1/chats', { 'x-api-key': key })));
    expect(asked()).toBe(1);
  });

  it.each([
    ['unknown', () => newKey()],
    ['mangled', () => `${known().key}!`],
    ['too short', () => 'rcd_x'],
    ['something else', () => 'not-a-key'],
    ['expired', () => known(['chats.read'], new Date(Date.now() - 1000).toISOString()).key],
  ])('that is %s is 401', async (_what, make) => {
    const key = make();
    for (const headers of shown(key)) {
      expect((await get('/v1/chats', headers)).statusCode).toBe(401);
    }
  });

  it('ends at once when it is revoked, though it is cached', async () => {
    const { key, apiKeyId } = known();
    expect((await get('/v1/chats', { 'x-api-key': key })).statusCode).toBe(200);
    await gateway.deps.redis.set(revokedKey(apiKeyId), '1', 'EX', 60);
    expect((await get('/v1/chats', { 'x-api-key': key })).statusCode).toBe(401);
  });

  it('is ignored beside a bearer token', async () => {
    const { key } = known(['chats.read']);
    const authorization = `Bearer ${accessToken(gateway.fakes, { role: 'agent', perms: [] })}`;
    expect((await get('/v1/chats', { authorization, 'x-api-key': key })).statusCode).toBe(403);
  });

  it('tells services which key it is', async () => {
    const { key } = known();
    const principal = await gateway.deps.apiKeys.find(key, 'inbox', '203.0.113.1');
    expect(principal.caller).toMatchObject({
      role: 'key',
      userId: null,
      edition: 'inbox',
      tenantId: samples.tenant.id,
    });
    expect(principal.caller.apiKeyId).toBe(gateway.fakes.apiKeys.get(key)!.apiKeyId);
  });
});

describe('guessing keys', () => {
  it('costs identity one question for one unknown key', async () => {
    const key = newKey();
    await Promise.all(Array.from({ length: 20 }, () => get('/v1/chats', { 'x-api-key': key })));
    for (let i = 0; i < 5; i++) await get('/v1/chats', { 'x-api-key': key });
    expect(asked()).toBe(1);
  });

  it('stops for one address after its limit a minute, and valid keys do not count', async () => {
    let now = Date.parse('2026-03-01T10:00:00Z');
    let calls = 0;
    const good = newKey();
    const keys = createApiKeys({
      identity: {
        async authenticateApiKey({ body }) {
          calls++;
          if (body.key !== good) return gateway.deps.clients.identity.authenticateApiKey({ body });
          return { apiKeyId: uuidv7(), tenantId: samples.tenant.id, permissions: [], expiresAt: null };
        },
      },
      unknownPerMinute: 10,
      now: () => now,
    });
    const guess = (ip: string) =>
      keys.find(newKey(), 'crm', ip).then(
        () => 200,
        (error: { status: number }) => error.status,
      );
    const statuses = await Promise.all(Array.from({ length: 50 }, () => guess('203.0.113.5')));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
    expect(calls).toBe(10);
    expect(await guess('203.0.113.6')).toBe(401);
    for (let i = 0; i < 20; i++) await keys.find(good, 'crm', '203.0.113.7');
    expect(await guess('203.0.113.7')).toBe(401);
    now += 60_000;
    expect(await guess('203.0.113.5')).toBe(401);
  });
});

it('a socket accepts no key, because it belongs to a user', async () => {
  const realtime = attachRealtime(gateway.app, gateway.deps);
  const url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const { key } = known();
  const socket = io(url, { auth: { token: key }, transports: ['websocket'], reconnection: false });
  try {
    const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    expect(error.message).toBe('unauthorized');
  } finally {
    socket.disconnect();
    await realtime.stop();
  }
});
