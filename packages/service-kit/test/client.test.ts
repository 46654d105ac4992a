import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type AppError, createClient, Unavailable } from '../src/index.ts';
import { buildThings, caller, TENANT, thingsApi, tokensOf } from './helpers.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const clientFor = (baseUrl: string, timeoutMs = 5000) => {
  const client = createClient(thingsApi, {
    name: 'things',
    baseUrl,
    tokens: tokensOf('gateway'),
    timeoutMs,
    connections: 2,
  });
  closers.push(() => client.close());
  return client;
};

/** A bare server that answers as the test says and keeps what it was asked. */
async function stub(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  const seen: { method: string; url: string; headers: IncomingMessage['headers'] }[] = [];
  const server: Server = createServer((request, response) => {
    seen.push({ method: request.method!, url: request.url!, headers: request.headers });
    answer(request, response, seen.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, server };
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const failed = async (call: Promise<unknown>) =>
  (await call.then(
    () => undefined,
    (error) => error,
  )) as AppError;

describe('against serve()', () => {
  async function things() {
    const app = buildThings();
    const url = await app.listen({ port: 0 });
    closers.push(() => app.close());
    return { app, client: clientFor(url) };
  }

  test('params are encoded, lists repeated, bodies sent, answers typed', async () => {
    const { client } = await things();
    expect(await client.getThing({ params: { id: 'a/b?c d' } }, { caller })).toEqual({ id: 'a/b?c d', name: 'one' });
    expect(await client.listThings({ query: { tags: ['x', 'y&z'], limit: 3 } }, { caller })).toEqual({
      tags: ['x', 'y&z'],
      ids: [],
      limit: 3,
    });
    expect((await client.listThings({ query: { tags: ['x'], ids: undefined } }, { caller })).tags).toEqual(['x']);
    expect(await client.createThing({ body: { name: 'lamp' } }, { caller })).toEqual({ id: 't1', name: 'lamp' });
    expect(await client.touchThing({ params: { id: 'a' } }, { caller })).toBeNull();
    expect(await client.open({})).toEqual({ ok: true });
  });

  test('an error of the service comes out with the same code, status and details', async () => {
    const { client } = await things();
    const error = await failed(client.createThing({ body: { name: '' } }, { caller }));
    expect([error.name, error.code, error.status, error.message]).toEqual([
      'AppError',
      'validation_failed',
      422,
      'Some fields are not valid',
    ]);
    expect(error.details).toMatchObject([{ field: 'name', code: 'too_small', params: { minimum: 1 } }]);
    expect((await failed(client.getThing({ params: { id: 'a' } }))).code).toBe('unauthorized');
  });

  test('an empty path parameter never reaches another route', async () => {
    const { client } = await things();
    await expect(client.getThing({ params: { id: '' } }, { caller })).rejects.toThrow('needs the parameter id');
  });
});

test('trace, request id, idempotency key and a token of the calling service go along', async () => {
  const { url, seen } = await stub((_request, response) => json(response, 201, { id: '1', name: 'x' }));
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await clientFor(`${url}/base/`).createThing(
    { body: { name: 'x' } },
    { caller, traceparent, requestId: 'r-1', idempotencyKey: 'k' },
  );
  expect(seen[0]?.url).toBe('/base/things');
  expect(seen[0]?.headers).toMatchObject({ traceparent, 'x-request-id': 'r-1', 'idempotency-key': 'k' });
  const [, payload] = seen[0]!.headers.authorization!.slice(7).split('.');
  expect(JSON.parse(Buffer.from(payload!, 'base64url').toString())).toMatchObject({
    tenantId: TENANT,
    service: 'gateway',
    role: 'agent',
  });
});

describe('repeats', () => {
  const busy = { error: { code: 'unavailable', message: 'postgres is unavailable' } };

  test('a GET is repeated after a 503 and after a lost connection, up to twice', async () => {
    const { url, seen } = await stub((request, response, count) => {
      if (count === 1) return json(response, 503, busy);
      if (count === 2) return request.socket.destroy();
      return json(response, 200, { id: 'a', name: 'ok' });
    });
    expect(await clientFor(url).getThing({ params: { id: 'a' } }, { caller })).toEqual({ id: 'a', name: 'ok' });
    expect(seen).toHaveLength(3);
    const down = await stub((_request, response) => json(response, 503, busy));
    const error = await failed(clientFor(down.url).getThing({ params: { id: 'a' } }, { caller }));
    expect([error.code, error.message, down.seen.length]).toEqual(['unavailable', 'postgres is unavailable', 3]);
  });

  test('a POST is sent once, unless its contract calls it idempotent', async () => {
    for (const answer of ['503', 'lost'] as const) {
      const { url, seen } = await stub((request, response) =>
        answer === '503' ? json(response, 503, busy) : request.socket.destroy(),
      );
      const client = clientFor(url);
      expect((await failed(client.createThing({ body: { name: 'x' } }, { caller }))).code).toBe('unavailable');
      expect([answer, seen.length]).toEqual([answer, 1]);
      await failed(client.touchThing({ params: { id: 'a' } }, { caller }));
      expect([answer, seen.length]).toEqual([answer, 4]);
    }
  });

  test('any call is repeated while a service is starting, since nothing was sent', async () => {
    const { url, server, seen } = await stub((_request, response) => json(response, 201, { id: '1', name: 'x' }));
    const port = Number(new URL(url).port);
    server.close();
    await once(server, 'close');
    const call = clientFor(url).createThing({ body: { name: 'x' } }, { caller });
    setTimeout(() => server.listen(port, '127.0.0.1'), 20);
    expect(await call).toEqual({ id: '1', name: 'x' });
    expect(seen).toHaveLength(1);
  });

  test('other refusals are final', async () => {
    const { url, seen } = await stub((_request, response) =>
      json(response, 500, { error: { code: 'internal', message: 'Internal error' } }),
    );
    expect((await failed(clientFor(url).getThing({ params: { id: 'a' } }, { caller }))).status).toBe(500);
    expect(seen).toHaveLength(1);
  });
});

describe('deadline', () => {
  test('holds against a server that never answers and one that drips', async () => {
    const hanging = await stub(() => {});
    const error = await failed(clientFor(hanging.url, 150).getThing({ params: { id: 'a' } }, { caller }));
    expect([error.constructor, error.message, error.status]).toEqual([
      Unavailable,
      'things did not answer within 150 ms',
      503,
    ]);
    expect(hanging.seen).toHaveLength(1);
    const dripping = await stub((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    expect(
      (await failed(clientFor(dripping.url, 150).getThing({ params: { id: 'a' } }, { caller }))).message,
    ).toContain('did not answer');
  });

  test('of a route that takes longer is its own', async () => {
    const { url } = await stub((_request, response) => {
      setTimeout(() => response.end(JSON.stringify({ id: 'a', name: 'one' })), 300);
    });
    const slow = { getThing: { ...thingsApi.getThing, deadlineMs: 5000 } };
    const client = createClient(slow, { name: 'things', baseUrl: url, tokens: tokensOf('gateway'), timeoutMs: 150 });
    closers.push(() => client.close());
    expect(await client.getThing({ params: { id: 'a' } }, { caller })).toMatchObject({ name: 'one' });
  });

  test('covers the wait for a free connection', async () => {
    const { url } = await stub(() => {});
    const client = clientFor(url, 150);
    const errors = await Promise.all(Array.from({ length: 6 }, () => failed(client.open({}))));
    expect(new Set(errors.map((e) => e.code))).toEqual(new Set(['unavailable']));
  });

  test('a caller can give up earlier', async () => {
    const { url } = await stub(() => {});
    const control = new AbortController();
    const call = failed(clientFor(url).open({}, { signal: control.signal }));
    control.abort();
    expect((await call).message).toBe('The call to things was given up');
    expect((await failed(clientFor(url).open({}, { signal: AbortSignal.abort() }))).code).toBe('unavailable');
  });

  test('an unreachable service is Unavailable by its name; an answer that is no JSON a bad gateway', async () => {
    const error = await failed(clientFor('http://127.0.0.1:1').open({}));
    expect([error.code, error.entity]).toEqual(['unavailable', 'things']);
    const { url } = await stub((_request, response) => response.end('<html>'));
    expect((await failed(clientFor(url).open({}))).code).toBe('bad_gateway');
    const odd = await stub((_request, response) => response.writeHead(404).end('nginx'));
    expect((await failed(clientFor(odd.url).open({}))).code).toBe('not_found');
  });
});

describe('connections shared by tenants', () => {
  const OTHER = '01900000-0000-7000-8000-000000000002';
  const of = (tenantId: string) => ({ caller: { ...caller, tenantId } });

  /** A server that holds what is asked for /things/slow until the end. */
  async function shared() {
    const held: ServerResponse[] = [];
    const { url } = await stub(({ url: path }, response) => {
      if (path!.startsWith('/things/slow')) held.push(response);
      else json(response, 200, { id: 'a', name: 'one' });
    });
    const options = { name: 'things', baseUrl: url, tokens: tokensOf('gateway'), connections: 8 };
    const client = createClient(thingsApi, { ...options, sharedByTenants: true });
    closers.push(() => client.close());
    const ask = (id: string, tenantId: string) => client.getThing({ params: { id } }, of(tenantId));
    return { held, ask };
  }
  const release = (held: ServerResponse[]) =>
    held.splice(0).forEach((one) => void json(one, 200, { id: 'a', name: '1' }));

  test("one tenant's slow calls leave connections to the others, and get 429 when they waited for too long", async () => {
    const { held, ask } = await shared();
    const slow = Array.from({ length: 10 }, (_, i) => ask(`slow${i}`, TENANT).catch((error) => error as AppError));
    await expect.poll(() => held.length).toBe(6);
    expect(await ask('quick', OTHER)).toEqual({ id: 'a', name: 'one' });
    // Four had no connection within their time; six have one still.
    const refused = (await Promise.all(slow.slice(6))) as AppError[];
    expect(refused.map(({ code, retryAfter }) => [code, retryAfter])).toEqual(Array(4).fill(['too_many_requests', 1]));
    release(held);
    expect(await Promise.all(slow.slice(0, 6))).toEqual(Array(6).fill({ id: 'a', name: '1' }));
    expect(await ask('quick', TENANT)).toEqual({ id: 'a', name: 'one' });
  });

  test('when other tenants have taken them all, a new tenant still gets one, and the rest gets 503', async () => {
    const { held, ask } = await shared();
    const tenants = [TENANT, '01900000-0000-7000-8000-000000000003'];
    const slow = tenants.flatMap((id) => Array.from({ length: 5 }, () => ask('slow', id).catch((error) => error)));
    await expect.poll(() => held.length).toBe(7);
    expect(await ask('quick', OTHER)).toEqual({ id: 'a', name: 'one' });
    expect(await slow.at(-1)).toMatchObject({ status: 503, code: 'unavailable' });
    release(held);
    await Promise.all(slow);
  });
});
