import { createHmac, generateKeyPairSync } from 'node:crypto';
import { uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokedKey } from '../src/auth/revocations.ts';
import { accessToken } from './access-token.ts';
import type { FakeServices } from './fake-state.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
let fakes: FakeServices;
beforeAll(async () => {
  gateway = await startTestGateway();
  fakes = gateway.fakes;
  // It answers before its connection to Redis is there.
  await eventually(() => gateway.deps.redis.ping());
});
afterAll(() => gateway?.close());

const me = (authorization?: string) =>
  gateway.app.inject({ url: '/api/v1/auth/me', headers: authorization ? { authorization } : {} });

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token', () => {
  it.each(['saas', 'crm', 'bots', 'inbox', 'scheduler'])('of %s is good in another edition too', async (aud) => {
    const token = accessToken(fakes, { aud });
    expect((await me(`Bearer ${token}`)).statusCode).toBe(200);
    expect((await me(`bearer ${token}`)).statusCode).toBe(200);
  });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  const bad: Record<string, () => string | undefined> = {
    'is missing': () => undefined,
    'has no scheme': () => accessToken(fakes),
    'is another scheme’s': () => `Basic ${accessToken(fakes)}`,
    'is empty': () => 'Bearer ',
    'is nonsense': () => 'Bearer a.b.c',
    'is of algorithm none': () => {
      const [, payload] = accessToken(fakes).split('.');
      return `Bearer ${b64({ alg: 'none', typ: 'at+jwt', kid: fakes.key.kid })}.${payload}.`;
    },
    'is signed by HS256 with our public key': () => {
      const key = fakes.key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const payload = JSON.parse(Buffer.from(accessToken(fakes).split('.')[1]!, 'base64url').toString());
      // By hand: a library would refuse to use a public key as a secret.
      const head = `${b64({ alg: 'HS256', typ: 'at+jwt', kid: fakes.key.kid })}.${b64(payload)}`;
      return `Bearer ${head}.${createHmac('sha256', key).update(head).digest('base64url')}`;
    },
    'is for another audience': () => `Bearer ${accessToken(fakes, { aud: 'recado-internal' })}`,
    'is of another issuer': () => `Bearer ${accessToken(fakes, { iss: 'elsewhere' })}`,
    'is of another kind': () => `Bearer ${accessToken(fakes, { typ: 'JWT' })}`,
    'has expired': () => `Bearer ${accessToken(fakes, { expiresIn: -1 })}`,
    'has a kid nobody published': () => `Bearer ${accessToken(fakes, { kid: 'foreign' })}`,
    'is signed by a stranger under our kid': () => `Bearer ${accessToken(fakes, { privateKey: stranger })}`,
    'was changed': () => {
      const [head, payload, signature] = accessToken(fakes).split('.');
      const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
      return `Bearer ${head}.${b64({ ...claims, tid: uuidv7() })}.${signature}`;
    },
    'is far too long': () => `Bearer ${accessToken(fakes)}${'A'.repeat(10_000)}`,
  };
  it.each(Object.entries(bad))('that %s is refused', async (_name, make) => {
    const answer = await me(make());
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ statusCode: 401, message: expect.any(String) });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('dies with its session, at once', async () => {
    const sid = uuidv7();
    const authorization = `Bearer ${accessToken(fakes, { sid })}`;
    expect((await me(authorization)).statusCode).toBe(200);
    await gateway.deps.redis.set(revokedKey(sid), '1', 'EX', 60);
    expect((await me(authorization)).statusCode).toBe(401);
  });

  it('does not make us ask identity for every forged kid', async () => {
    const before = fakes.calls.filter((call) => call.includes('jwks')).length;
    for (let i = 0; i < 20; i++) await me(`Bearer ${accessToken(fakes, { kid: `forged-${i}` })}`);
    const asked = fakes.calls.filter((call) => call.includes('jwks')).length - before;
    expect(asked).toBeLessThanOrEqual(1);
  });
});

it('stays valid without Redis', async () => {
  const away = await startTestGateway({ REDIS_URL: 'redis://127.0.0.1:1' });
  try {
    const answer = await away.app.inject({
      url: '/api/v1/auth/me',
      headers: { authorization: `Bearer ${accessToken(away.fakes)}` },
    });
    expect(answer.statusCode).toBe(200);
    expect(await away.deps.registry.getSingleMetricAsString('recado_revocation_unknown_total')).toMatch(/ [1-9]/);
  } finally {
    await away.close();
  }
});

it('gets 503 before identity ever answered, and works once it does', async () => {
  const early = await startTestGateway({ RECADO_IDENTITY_URL: 'http://127.0.0.1:1' });
  try {
    const answer = await early.app.inject({
      url: '/v1/chats',
      headers: { authorization: `Bearer ${accessToken(early.fakes)}` },
    });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect((await early.app.inject({ url: '/health/ready' })).statusCode).toBe(503);
  } finally {
    await early.close();
  }
});
