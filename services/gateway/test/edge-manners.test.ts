import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { EDITIONS } from '@recado/contracts';
import { internalEnv } from '@recado/testkit';
import { io } from 'socket.io-client';
import { Pool, request } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../src/config.ts';
import { editionRoute } from '../src/edge/edition.ts';
import { mountRoutes, useEditionErrors, useRequestHooks } from '../src/edge/mount.ts';
import { editions } from '../src/editions/index.ts';
import { attachRealtime } from '../src/realtime/attach.ts';
import { accessToken } from './access-token.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

const APP = 'https://app.example.com';
const FOREIGN = 'https://evil.example.com';
const cached = editionRoute({
  method: 'GET',
  path: '/personal',
  tag: 'Test',
  summary: 'Hardly changes',
  auth: 'bearer',
  cache: 'personal',
  responses: { 200: z.object({ name: z.string() }) },
  handle: async () => ({ name: 'Ana' }),
});

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway(
    { RECADO_CORS_ORIGINS: APP, RECADO_TRUSTED_PROXIES: '10.0.0.0/8', RECADO_ENV: 'production' },
    (app, deps) => {
      app.register(
        async (scope) => {
          useEditionErrors(scope, editions.bots, deps);
          await useRequestHooks(scope, deps);
          mountRoutes(scope, editions.bots, [cached], deps);
        },
        { prefix: '/test' },
      );
    },
  );
});
afterAll(() => gateway?.close());
beforeEach(() => {
  gateway.fakes.asked.length = 0;
});
const bearer = () => ({ authorization: `Bearer ${accessToken(gateway.fakes)}` });

describe.each(EDITIONS)('%s', (name) => {
  const edition = editions[name];
  const { prefix } = edition;
  const post = edition.routes.find(
    ({ method, auth, path }) => method === 'POST' && auth === 'bearer' && !path.includes(':'),
  )!;
  const shape = (body: unknown, code: Parameters<typeof edition.errorBody>[0]['code'], status: number) =>
    expect(body).toEqual(
      JSON.parse(
        JSON.stringify(
          edition.errorBody({
            status,
            code,
            message: edition.texts.errors[code],
            details: null,
            entity: null,
            challengeToken: null,
          }),
        ),
      ),
    );

  it.each([
    ['bad JSON', '{', 'application/json', 400, 'malformed_json'],
    ['another type', '<a/>', 'text/xml', 415, 'unsupported_media_type'],
    ['2 MiB', `"${'x'.repeat(2 << 20)}"`, 'application/json', 413, 'payload_too_large'],
  ] as const)(
    'refuses %s in its shape, telling somebody known of their limits',
    async (_what, payload, type, status, code) => {
      const send = (headers: Record<string, string>) =>
        gateway.app.inject({
          method: 'POST',
          url: prefix + post.path,
          headers: { 'content-type': type, ...headers },
          payload,
        });
      const answer = await send(bearer());
      expect(answer.statusCode).toBe(status);
      shape(answer.json(), code, status);
      expect(answer.headers).toMatchObject({
        'x-ratelimit-limit': expect.any(String),
        'x-request-id': expect.any(String),
        'cache-control': 'no-store',
      });
      // A stranger is not even listened to.
      const stranger = await send({});
      expect(stranger.statusCode).toBe(401);
      shape(stranger.json(), 'unauthorized', 401);
    },
  );

  it('refuses a bad percent escape in its shape', async () => {
    const answer = await gateway.app.inject({ url: `${prefix}/%E0%A4%A`, headers: bearer() });
    expect(answer.statusCode).toBe(400);
    shape(answer.json(), 'bad_request', 400);
  });

  const preflight = (origin: string) =>
    gateway.app.inject({
      method: 'OPTIONS',
      url: prefix + post.path,
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    });

  it('lets pages of our own origins call it', async () => {
    const { statusCode, headers } = await preflight(APP);
    expect(statusCode).toBe(204);
    expect(headers).toMatchObject({ 'access-control-allow-origin': APP, 'access-control-allow-credentials': 'true' });
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      expect(headers['access-control-allow-methods']).toContain(method);
    }
    for (const header of ['Content-Type', 'Authorization', 'X-Requested-With', 'Idempotency-Key', 'X-Api-Key']) {
      expect(headers['access-control-allow-headers']).toContain(header);
    }
    // Errors can be read by the page too.
    const error = await gateway.app.inject({ url: `${prefix}/nothing`, headers: { origin: APP } });
    expect(error.headers['access-control-allow-origin']).toBe(APP);
    expect(error.headers['access-control-expose-headers']).toContain('X-RateLimit-Remaining');
  });

  it('refuses pages of other origins', async () => {
    const { statusCode, headers, json } = await preflight(FOREIGN);
    expect(statusCode).toBe(403);
    shape(json(), 'forbidden', 403);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const simple = await gateway.app.inject({ url: `${prefix}/nothing`, headers: { origin: FOREIGN } });
    expect(simple.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a socket', () => {
  it('is refused to a foreign page, in both transports', async () => {
    const realtime = attachRealtime(gateway.app, gateway.deps);
    const url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const socket = io(url, {
      auth: { token: accessToken(gateway.fakes) },
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { origin: FOREIGN },
    });
    try {
      const error = await new Promise<Error>((resolve, reject) => {
        socket.once('connect_error', resolve);
        socket.once('connect', () => reject(new Error('It was let in')));
      });
      expect(error.message).toBe('websocket error');
      const polling = await request(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { origin: FOREIGN } });
      expect(polling.statusCode).toBe(403);
      expect(polling.headers).not.toHaveProperty('access-control-allow-origin');
      await polling.body.dump();
    } finally {
      socket.disconnect();
      await realtime.stop();
    }
  });
});

it('a refusal before the body is read reaches the client, and the connection stays open', async () => {
  const real = await startTestGateway();
  const url = await real.app.listen({ host: '127.0.0.1', port: 0 });
  const pool = new Pool(url, { connections: 1 });
  let connections = 0;
  real.app.server.on('connection', () => connections++);
  try {
    for (let i = 0; i < 3; i++) {
      const refused = await pool.request({ path: '/v1/messages', method: 'POST', body: Buffer.alloc(900_000, 'x') });
      expect(refused.statusCode).toBe(401);
      await refused.body.dump();
    }
    expect(connections).toBe(1);
  } finally {
    await pool.close();
    await real.close();
  }
});

describe('where a request comes from', () => {
  const ask = async (remoteAddress: string, forwarded?: string, more: Record<string, string> = {}) => {
    await gateway.app.inject({
      url: '/v1/chats',
      remoteAddress,
      headers: {
        ...bearer(),
        'user-agent': 'Pruebas/1 (ñ)',
        ...(forwarded ? { 'x-forwarded-for': forwarded } : {}),
        ...more,
      },
    });
    return gateway.fakes.asked.find(({ call }) => call.startsWith('GET /conversations'))!;
  };

  it.each([
    ['a stranger, who can tell us nothing', '198.51.100.7', '203.0.113.9', '198.51.100.7'],
    ['a trusted proxy', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['a trusted proxy, of what a client forged the last address', '10.1.2.3', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['two trusted proxies', '10.1.2.3', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['a trusted proxy that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
  ])('is passed to services from %s', async (_what, remote, forwarded, ip) => {
    expect(await ask(remote, forwarded)).toMatchObject({ ip, userAgent: encodeURIComponent('Pruebas/1 (ñ)') });
  });

  it('ignores a client’s own internal headers, and no header changes the tenant', async () => {
    const asked = await ask('198.51.100.7', undefined, {
      'x-recado-client-ip': '6.6.6.6',
      'x-real-ip': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
      'x-tenant-id': '019aa000-0000-7000-8000-000000000000',
      'x-tenant-slug': 'other',
    });
    expect(asked.ip).toBe('198.51.100.7');
    const me = await gateway.app.inject({
      url: '/api/v1/tenant',
      headers: { ...bearer(), 'x-tenant-id': '019aa000-0000-7000-8000-000000000000', 'x-tenant-slug': 'other' },
    });
    expect(me.body).toContain(samples.tenant.id);
  });
});

describe('long answers', () => {
  const list = (encoding?: string, url = '/v1/chats?limit=20') =>
    gateway.app.inject({ url, headers: { ...bearer(), ...(encoding ? { 'accept-encoding': encoding } : {}) } });

  it('are compressed for clients that accept it', async () => {
    const plain = await list();
    expect(plain.rawPayload.length).toBeGreaterThan(4096);
    expect(plain.headers).not.toHaveProperty('content-encoding');
    const ways = { br: brotliDecompressSync, gzip: gunzipSync };
    for (const [encoding, unpack] of Object.entries(ways)) {
      const packed = await list(encoding);
      expect(packed.headers['content-encoding']).toBe(encoding);
      expect(packed.headers.vary).toContain('accept-encoding');
      expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 4);
      expect(Number(packed.headers['content-length'])).toBe(packed.rawPayload.length);
      expect(unpack(packed.rawPayload).toString()).toBe(plain.body);
    }
  });

  it('that are short are not', async () => {
    expect((await list('br', '/api/v1/tenant')).headers).not.toHaveProperty('content-encoding');
  });

  it('of the docs are too', async () => {
    const packed = await gateway.app.inject({ url: '/docs/crm/openapi.json', headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(packed.rawPayload).toString()).openapi).toBe('3.1.0');
  });
});

describe('a trusted proxy', () => {
  const read = (proxies: string) =>
    readConfig({ ...internalEnv('gateway'), RECADO_TRUSTED_PROXIES: proxies }).trustedProxies;

  it('is an address or a network', () => {
    expect(read('10.0.0.5, 172.16.0.0/12,fd00::/8')).toEqual(['10.0.0.5', '172.16.0.0/12', 'fd00::/8']);
    for (const bad of ['proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0', '::/129', '1.2.3.4/8/8']) {
      expect(() => read(bad)).toThrow('RECADO_TRUSTED_PROXIES');
    }
  });
});

describe('caching', () => {
  const PERSONAL = 'private, max-age=300';
  const headersOf = async (url: string, headers: Record<string, string> = bearer()) =>
    (await gateway.app.inject({ url, headers })).headers;

  it.each([
    ['data is asked for anew', '/v1/chats', 'no-cache, must-revalidate'],
    ['an error is not kept', '/v1/nothing', 'no-store'],
    ['a route may say that the person’s browser keeps it', '/test/personal', PERSONAL],
    ['the profile in the scheduler edition is kept by the person’s browser', '/scheduler/api/auth/me', PERSONAL],
    ['so is the number of unread notifications', '/scheduler/api/notifications/unread-count', PERSONAL],
    ['a state of the moment is not kept', '/health', 'no-store'],
    ['a document is asked for anew', '/docs/saas/openapi.json', 'no-cache, must-revalidate'],
    ['a page’s script is asked for anew', '/docs/saas/static/swagger-ui-bundle.js', 'no-cache, must-revalidate'],
  ])('%s', async (_what, url, value) => {
    expect((await headersOf(url))['cache-control']).toBe(value);
  });

  it('a user’s cached answers are not shown to another user of the same browser', async () => {
    expect((await headersOf('/test/personal')).vary).toContain('Authorization');
  });

  it('tokens are never cached', async () => {
    const login = await gateway.app.inject({
      method: 'POST',
      url: '/v1/auth/login',
      payload: { email: 'admin@hotel.com', password: 'senha123' },
    });
    expect([login.statusCode, login.headers['cache-control']]).toEqual([200, 'no-store']);
  });
});

describe('every answer', () => {
  it.each(['/v1/chats', '/v1/nothing', '/nothing', '/docs/saas', '/health', '/bots/%'])(
    '%s says how it may be used',
    async (url) => {
      const { headers } = await gateway.app.inject({ url, headers: bearer() });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': expect.stringContaining('max-age='),
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('server');
    },
  );

  it('of the pages forbids frames', async () => {
    const { headers } = await gateway.app.inject({ url: '/docs/saas' });
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('sends HSTS only over https', async () => {
    const plain = await startTestGateway({
      RECADO_PUBLIC_URL: 'http://localhost:3000',
      RECADO_TRUSTED_PROXIES: '10.0.0.0/8',
    });
    try {
      const of = async (remoteAddress: string) =>
        (await plain.app.inject({ url: '/v1/nothing', remoteAddress, headers: { 'x-forwarded-proto': 'https' } }))
          .headers;
      expect(await of('198.51.100.7')).not.toHaveProperty('strict-transport-security');
      expect(await of('10.1.2.3')).toHaveProperty('strict-transport-security');
    } finally {
      await plain.close();
    }
  });
});
