import { PERMISSION_NAMES, type RouteContract, route } from '@recado/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as kit from '../src/index.ts';
import { auth, buildThings, caller, memoryLogger, TENANT, tokensOf } from './helpers.ts';

let app: ReturnType<typeof buildThings>;
afterEach(() => app?.close());

const post = (body: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/things',
    headers: { ...auth(), 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
const get = (url: string, headers: Record<string, string> = auth()) => app.inject({ method: 'GET', url, headers });

describe('input', () => {
  test('a good request is answered with the first status of its contract', async () => {
    app = buildThings();
    const response = await post({ name: 'lamp' });
    expect([response.statusCode, response.json()]).toEqual([201, { id: 't1', name: 'lamp' }]);
    const touched = await app.inject({ method: 'POST', url: '/things/a/touch', headers: auth(), payload: {} });
    expect([touched.statusCode, touched.body]).toEqual([204, '']);
  });

  test('every bad field is named at once, unknown keys and missing ones included', async () => {
    app = buildThings();
    const response = await post({ name: '', size: 'big', parts: [{ label: 'a' }, { lable: 'b' }], role: 'admin' });
    expect(response.statusCode).toBe(422);
    const { error } = response.json();
    expect(error.code).toBe('validation_failed');
    expect(error.details.map((d: { field: string; code: string }) => `${d.field} ${d.code}`).sort()).toEqual([
      'name too_small',
      'parts.1.label required',
      'parts.1.lable unknown',
      'role unknown',
      'size invalid_type',
    ]);
  });

  test('a body is required where there is a schema and refused where there is none', async () => {
    app = buildThings();
    const none = await app.inject({ method: 'POST', url: '/things', headers: auth() });
    expect([none.statusCode, none.json().error.details[0]]).toEqual([
      422,
      { field: 'body', message: 'Required', code: 'required' },
    ]);
    const extra = await app.inject({
      method: 'POST',
      url: '/things/a/touch',
      headers: auth(),
      payload: { tenant_id: 'x' },
    });
    expect([extra.statusCode, extra.json().error.details[0].field]).toEqual([422, 'tenant_id']);
    const list = await app.inject({ method: 'POST', url: '/things/a/touch', headers: auth(), payload: [1] });
    expect(list.statusCode).toBe(422);
  });

  test('query values are coerced, a single value becomes a list where the contract has one, unknown names are refused', async () => {
    app = buildThings();
    expect((await get('/things?tags=a&limit=5')).json()).toEqual({ tags: ['a'], ids: [], limit: 5 });
    expect((await get('/things?tags=a&tags=b&ids=1,2')).json()).toEqual({
      tags: ['a', 'b'],
      ids: ['1', '2'],
      limit: 20,
    });
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['tenant=x', 'tenant'],
      ['__proto__=x', '__proto__'],
      ['constructor=x', 'constructor'],
    ]) {
      const response = await get(`/things?${query}`);
      expect([query, response.statusCode, response.json().error.details[0].field]).toEqual([query, 422, field]);
    }
    expect((await get('/open?a=1', {})).statusCode).toBe(422);
  });

  test.each([
    ['{"name":"a\\u0000b"}', 'name'],
    ['{"name":"a","parts":[{"label":"\\u0000"}]}', 'parts.0.label'],
    ['{"name":"a","x\\u0000":1}', 'x'],
  ])('NUL in %s is refused by the name of its field', async (body, field) => {
    app = buildThings();
    const response = await post(body);
    expect([response.statusCode, response.json().error.details[0].field]).toEqual([422, field]);
  });

  test.each([
    ['{"name":"a\\ud800"}', 'name'],
    ['{"name":"a","parts":[{"label":"\\uDFFFb"}]}', 'parts.0.label'],
    ['{"name":"a","x\\ud83d":1}', 'x\ufffd'],
  ])('half a surrogate pair in %s is refused by the name of its field', async (body, field) => {
    app = buildThings();
    const answer = await post(body);
    expect(answer.statusCode).toBe(422);
    const { details } = (answer.json() as { error: { details: { field: string; code: string }[] } }).error;
    expect(details).toContainEqual(expect.objectContaining({ field, code: 'ill_formed' }));
  });

  test('whole pairs are taken, escaped or not', async () => {
    app = buildThings();
    expect((await post('{"name":"a\\ud83d\\ude00"}')).statusCode).toBe(201);
    expect((await post('{"name":"a😀"}')).statusCode).toBe(201);
  });

  test('NUL in params and query is refused; an escaped backslash before u0000 is not one', async () => {
    app = buildThings();
    expect((await get('/things/a%00b')).json().error.details[0].field).toBe('id');
    expect((await get('/things?tags=%00')).json().error.details[0].field).toBe('tags');
    expect((await post('{"name":"a\\\\u0000b"}')).statusCode).toBe(201);
  });

  test.each([
    ['{"name":', 400, 'malformed_json'],
    ['{"name":"a","__proto__":{"x":1}}', 400, 'malformed_json'],
    ['{"name":"a","constructor":{"prototype":{"x":1}}}', 400, 'malformed_json'],
    [`{"name":"${'a'.repeat(2_000_000)}"}`, 413, 'payload_too_large'],
  ])('%.50s is refused', async (body, status, code) => {
    app = buildThings();
    const response = await post(body);
    expect([response.statusCode, response.json().error.code]).toEqual([status, code]);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'application json',
    'multipart/form-data',
  ])('content type %s is answered 415', async (type) => {
    app = buildThings();
    const response = await post('{"name":"a"}', { 'content-type': type });
    expect([response.statusCode, response.json().error.code]).toEqual([415, 'unsupported_media_type']);
  });

  test('unknown paths are 404, known ones under another method 405 with Allow, broken escapes 400', async () => {
    app = buildThings();
    const missing = await get('/nothing');
    expect([missing.statusCode, missing.json().error.code]).toEqual([404, 'route_not_found']);
    const wrong = await app.inject({ method: 'PUT', url: '/things/a', headers: auth() });
    expect([wrong.statusCode, wrong.json().error.code, wrong.headers.allow]).toEqual([
      405,
      'method_not_allowed',
      'GET, HEAD',
    ]);
    const broken = await get('/things/%zz');
    expect([broken.statusCode, broken.json().error.code]).toEqual([400, 'bad_request']);
  });
});

describe('callers', () => {
  test.each([
    ['none', {}],
    ['garbage', { authorization: 'Bearer abc' }],
    ['of another service', { authorization: `Bearer ${tokensOf('gateway').sign(caller, 'other')}` }],
    ['basic', { authorization: 'Basic abc' }],
  ])('token: %s → 401 before the body is read', async (_what, headers) => {
    app = buildThings();
    const response = await app.inject({
      method: 'POST',
      url: '/things',
      headers: headers as Record<string, string>,
      payload: '{',
    });
    expect([response.statusCode, response.json().error.code]).toEqual([401, 'unauthorized']);
  });

  test('the handler gets the caller of the token, and X-Tenant headers change nothing', async () => {
    app = buildThings();
    let seen: unknown;
    serve204(app, async ({ caller: who, context, origin }) => {
      seen = { who, context, origin };
      return null;
    });
    await get('/probe', {
      ...auth(),
      'x-tenant-id': 'other',
      'x-request-id': 'request-1',
      traceparent: TRACE,
      'x-recado-client-ip': '192.0.2.7',
      'x-recado-client-agent': encodeURIComponent('Navegação/1.0'),
    });
    const client = { ip: '192.0.2.7', userAgent: 'Navegação/1.0' };
    expect(seen).toMatchObject({
      who: caller,
      context: { caller, requestId: 'request-1', traceparent: TRACE, client },
      origin: { tenantId: caller.tenantId, ip: client.ip, userAgent: client.userAgent, requestId: 'request-1' },
    });
  });

  test.each<[string, RouteContract['access'], Partial<kit.Caller>, number]>([
    ['a permission', 'users.read', { permissions: ['users.read'] }, 204],
    ['one of several permissions', ['roles.manage', 'users.read'], { permissions: ['users.read'] }, 204],
    ['none of several permissions', ['roles.manage', 'users.read'], { permissions: ['users.update'] }, 403],
    ['no permission as an admin', 'users.read', { role: 'admin', permissions: [] }, 403],
    ['no permission as a key', 'users.read', { role: 'key', userId: null, permissions: [] }, 403],
    ['no permission, where anyone may call', 'anyone', { permissions: [] }, 204],
    ['no permission, as a service', 'users.read', kit.serviceCaller('gateway', TENANT), 204],
    ['every permission, where only services may call', 'service', { permissions: [...PERMISSION_NAMES] }, 403],
    ['no permission, where only services may call, as one', 'service', kit.serviceCaller('gateway', TENANT), 204],
  ])('access: %s (%s) → %s', async (_what, access, more, status) => {
    app = buildThings();
    kit.serve(app, { ...probe, access: access! }, async () => null);
    expect((await get('/probe', auth({ ...caller, ...more }))).statusCode).toBe(status);
  });

  test('a route about a user admits that user without the permission, and no other', async () => {
    app = buildThings();
    const params = z.strictObject({ userId: z.string() });
    const own = { ...probe, path: '/users/:userId', params, access: 'users.update', orSelf: true } as const;
    kit.serve(app, own, async () => null);
    const statusOf = async (path: string, who: kit.Caller) => (await get(path, auth(who))).statusCode;
    expect(await statusOf('/users/u1', caller)).toBe(204);
    expect(await statusOf('/users/u2', caller)).toBe(403);
    expect(await statusOf('/users/null', { ...caller, role: 'key', userId: null })).toBe(403);
    expect(await statusOf('/users/u2', { ...caller, permissions: ['users.update'] })).toBe(204);
  });

  test('a route with auth none needs no token; serve() refuses at start what could not be guarded', async () => {
    app = buildThings();
    expect((await get('/open', {})).json()).toEqual({ ok: true });
    const bare = kit.buildHttp({ name: 'x', log: memoryLogger().log });
    expect(() => serve204(bare, async () => null)).toThrow('needs internal tokens');
    await bare.close();
    const { access: _, ...unnamed } = probe;
    expect(() => kit.serve(app, unnamed, async () => null)).toThrow('GET /probe names no access');
  });
});

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const probe = route({
  method: 'GET',
  path: '/probe',
  access: 'anyone',
  responses: { 204: z.null() },
  summary: 'Probe',
});
const serve204 = (to: typeof app, handler: kit.Handler<typeof probe>) => kit.serve(to, probe, handler);

describe('errors', () => {
  const lost = (code: string, extra: object = {}) => Object.assign(new Error('secret detail'), { code, ...extra });
  test.each<[string, unknown, number, object]>([
    [
      'NotFound',
      new kit.NotFound('conversation', 'c1'),
      404,
      { code: 'not_found', message: 'Conversation not found', entity: 'conversation' },
    ],
    ['Conflict', new kit.Conflict('Taken', 'user'), 409, { code: 'conflict', message: 'Taken', entity: 'user' }],
    ['Forbidden', new kit.Forbidden(), 403, { code: 'forbidden', message: 'Not allowed' }],
    [
      'Unauthorized',
      new kit.Unauthorized('No', 'invalid_credentials'),
      401,
      { code: 'invalid_credentials', message: 'No' },
    ],
    [
      'Unprocessable',
      new kit.Unprocessable('outside_window', 'Too late'),
      422,
      { code: 'outside_window', message: 'Too late' },
    ],
    ['Unprocessable by default', new kit.Unprocessable(undefined, 'No'), 422, { code: 'unprocessable', message: 'No' }],
    [
      'TooManyRequests',
      new kit.TooManyRequests(1.2),
      429,
      { code: 'too_many_requests', message: 'Too many requests', retryAfter: 2 },
    ],
    [
      'PlanLimit',
      new kit.PlanLimit('maxUsers'),
      403,
      { code: 'plan_limit', message: "The plan's limit is reached: maxUsers", entity: 'maxUsers' },
    ],
    ['Unavailable', new kit.Unavailable('redis'), 503, unavailable('redis')],
    ['connection refused', lost('ECONNREFUSED'), 503, unavailable('connection')],
    ['all addresses refused', new AggregateError([lost('ECONNREFUSED')]), 503, unavailable('connection')],
    ['postgres shut down', lost('57P01', { severity: 'FATAL' }), 503, unavailable('postgres')],
    [
      'a statement out of time',
      lost('57014', { severity: 'ERROR' }),
      503,
      { ...unavailable('postgres'), message: 'The request took too long' },
    ],
    [
      'no connection for this tenant',
      lost('RECADO_TENANT_BUSY'),
      429,
      { code: 'too_many_requests', message: 'Too many requests of this account are under way', retryAfter: 1 },
    ],
    [
      'no connection at all',
      lost('RECADO_POOL_BUSY'),
      503,
      { ...unavailable('postgres'), message: 'Too many requests wait for postgres' },
    ],
    ['postgres.js connection closed', lost('CONNECTION_CLOSED'), 503, unavailable('postgres')],
    ['wrapped by drizzle', new Error('Failed query', { cause: lost('CONNECT_TIMEOUT') }), 503, unavailable('postgres')],
    ['nats', Object.assign(new Error('closed'), { name: 'ClosedConnectionError' }), 503, unavailable('nats')],
    ['redis', Object.assign(new Error('x'), { name: 'MaxRetriesPerRequestError' }), 503, unavailable('redis')],
    ['anything else', new TypeError('secret detail'), 500, { code: 'internal', message: 'Internal error' }],
    [
      'a unique violation nobody caught',
      lost('23505', { severity: 'ERROR' }),
      500,
      { code: 'internal', message: 'Internal error' },
    ],
    ['not even an error', 'text', 500, { code: 'internal', message: 'Internal error' }],
  ])('%s', async (_name, error, status, body) => {
    const { log, text } = memoryLogger();
    app = buildThings({ log });
    serve204(app, async () => {
      throw error;
    });
    const response = await get('/probe');
    expect([response.statusCode, response.json()]).toEqual([status, { error: body }]);
    const retryAfter = (body as { retryAfter?: number }).retryAfter;
    expect(response.headers['retry-after']).toBe(retryAfter?.toString());
    expect(response.body).not.toContain('secret detail');
    expect(text().includes('"err"')).toBe(status >= 500);
  });

  test.each([
    ['the database was dropped', '57P04', 503],
    ['too many connections', '53300', 503],
    ['the server only reads', '25006', 503],
    ['the disk is full', '53100', 503],
    ['a deadlock', '40P01', 503],
    ['a lock that was not available', '55P03', 503],
    ['a transaction out of time', '25P04', 503],
    ['temporary files over their limit', '53400', 503],
    ['a unique violation', '23505', 500],
    ['a table that is missing', '42P01', 500],
  ])('%s (%s) is answered %i', async (_name, code, status) => {
    app = buildThings({ log: memoryLogger().log });
    serve204(app, async () => {
      throw new Error('Failed query', { cause: lost(code, { severity: 'ERROR' }) });
    });
    const response = await get('/probe');
    expect([response.statusCode, response.json().error.entity]).toEqual([
      status,
      status === 503 ? 'postgres' : undefined,
    ]);
  });

  test('an answer that breaks its contract is a 500 with the reason in the log, when answers are validated', async () => {
    const wrong = route({
      method: 'GET',
      path: '/wrong',
      access: 'anyone',
      responses: { 200: z.object({ n: z.number() }) },
      summary: 'Wrong',
    });
    const { log, text } = memoryLogger();
    app = buildThings({ log });
    kit.serve(app, wrong, async () => ({ n: 'x' }) as never);
    expect((await get('/wrong')).statusCode).toBe(500);
    expect(text()).toContain('GET /wrong answered 200 against its contract: n: ');
  });

  test('a handler may answer itself, with another status or a stream of its own', async () => {
    app = buildThings({ validateResponses: false });
    serve204(app, async ({ reply }) => reply.code(202).header('x-own', '1').send({ own: true }));
    const response = await get('/probe');
    expect([response.statusCode, response.headers['x-own'], response.json()]).toEqual([202, '1', { own: true }]);
  });
});

function unavailable(what: string) {
  return { code: 'unavailable', message: `${what} is unavailable`, entity: what, retryAfter: 1 };
}

describe('tracing and logs', () => {
  test('request id and trace are continued when well formed, else fresh, and stand in every line', async () => {
    const { log, lines } = memoryLogger();
    app = buildThings({ log });
    const kept = await get('/things/a', { ...auth(), 'x-request-id': 'abc-12345', traceparent: TRACE });
    expect(kept.headers['x-request-id']).toBe('abc-12345');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({
      level: 'debug',
      requestId: 'abc-12345',
      traceId: TRACE.slice(3, 35),
      tenantId: TENANT,
      path: '/things/a',
      status: 200,
    });
    const fresh = await get('/things/b?limit=secret', { ...auth(), 'x-request-id': 'a b\n', traceparent: '00-0-0-01' });
    expect(fresh.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const line = JSON.parse(lines.at(-1)!);
    expect(line.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect([line.level, line.path]).toEqual(['info', '/things/b']);
  });
});

describe('built-in pages', () => {
  test('live always answers; ready names each dependency and is 503 when one fails or hangs', async () => {
    let postgres: () => Promise<unknown> = async () => {};
    app = buildThings({ ready: { postgres: () => postgres(), nats: async () => {} } });
    expect((await get('/health/live', {})).json()).toEqual({ status: 'ok' });
    const good = await get('/health/ready', {});
    expect([good.statusCode, good.json()]).toEqual([
      200,
      {
        status: 'ok',
        checks: { postgres: { ok: true, ms: expect.any(Number) }, nats: { ok: true, ms: expect.any(Number) } },
      },
    ]);
    postgres = async () => {
      throw Object.assign(new Error('password wrong'), { code: 'ECONNREFUSED' });
    };
    const bad = await get('/health/ready', {});
    expect([bad.statusCode, bad.json().checks.postgres]).toEqual([
      503,
      { ok: false, ms: expect.any(Number), error: 'ECONNREFUSED' },
    ]);
    postgres = () => new Promise(() => {});
    expect((await get('/health/ready', {})).json().checks.postgres).toMatchObject({
      ok: false,
      error: 'no answer within 1000 ms',
    });
    app.kit.closing = true;
    expect((await get('/health/ready', {})).statusCode).toBe(503);
    expect((await get('/health/live', {})).statusCode).toBe(200);
  });

  test('ready shows optional dependencies, waits for none of them and stays 200', async () => {
    const provider = kit.buildHttp({ name: 'provider', log: memoryLogger().log });
    const url = await provider.listen({ host: '127.0.0.1', port: 0 });
    app = buildThings({
      uses: {
        refuses: kit.answers(`${url}/nothing`),
        away: kit.answers('http://127.0.0.1:1'),
        hangs: () => new Promise(() => {}),
      },
    });
    const first = await get('/health/ready', {});
    expect([first.statusCode, first.json()]).toEqual([200, { status: 'ok', checks: {}, uses: {} }]);
    await expect
      .poll(async () => (await get('/health/ready', {})).json().uses)
      .toEqual({
        refuses: { ok: true, ms: expect.any(Number) },
        away: { ok: false, ms: expect.any(Number), error: 'ECONNREFUSED' },
      });
    expect((await get('/health/ready', {})).statusCode).toBe(200);
    await provider.close();
  });

  test('metrics count by route pattern; the OpenAPI document is for holders of an internal token', async () => {
    app = buildThings({ registry: kit.createRegistry('things') });
    await get('/things/a');
    await get('/things/b');
    const metrics = (await get('/metrics', {})).body;
    expect(metrics).toContain(
      'http_request_duration_seconds_count{service="things",method="GET",route="/things/:id",status="200"} 2',
    );
    expect(metrics).toContain('process_cpu_seconds_total');
    expect((await get('/openapi.json', {})).statusCode).toBe(401);
    const document = (await get('/openapi.json')).json();
    expect(Object.keys(document.paths)).toEqual(['/things/{id}', '/things', '/things/{id}/touch', '/open']);
  });

  test('the gateway can leave them out, and routes below a prefix keep it', async () => {
    app = buildThings({ registry: kit.createRegistry('things'), builtIn: { metrics: false, openapi: false } });
    app.register(async (child) => serve204(child as typeof app, async () => null), { prefix: '/v2' });
    expect((await get('/metrics')).statusCode).toBe(404);
    expect((await get('/openapi.json')).statusCode).toBe(404);
    expect((await get('/v2/probe')).statusCode).toBe(204);
  });
});
