import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FakeServices } from './fake-state.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

/** Over real connections: `inject` goes to Fastify, past what is tested here. */
let gateway: TestGateway;
let fakes: FakeServices;
let port: number;
beforeAll(async () => {
  gateway = await startTestGateway();
  fakes = gateway.fakes;
  port = await listen(gateway);
});
afterAll(() => gateway?.close());
beforeEach(() => {
  fakes.batches = [];
  fakes.frameStatus = () => 200;
  fakes.framesRetryAfter = null;
  fakes.beforeFrames = async () => {};
});

const PATH = `/v1/webhooks/whatsapp/meta/${samples.channel.id}`;
const INBOX = '/inbox/webhooks/whatsapp';
const SIGNATURE = `sha256=${'a'.repeat(64)}`;

async function listen({ app }: TestGateway): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as net.AddressInfo).port;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A connection that writes bytes as they are and reads answers one by one. */
async function open(to = port) {
  const socket = net.connect({ port: to, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let text = '';
  let wake = () => {};
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    wake();
  });
  socket.on('close', () => wake());
  socket.on('error', () => wake());
  const read = async (): Promise<Answer | null> => {
    for (;;) {
      const end = text.indexOf('\r\n\r\n');
      const head = end < 0 ? [] : text.slice(0, end).split('\r\n');
      const headers = Object.fromEntries(
        head
          .slice(1)
          .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
      );
      const length = Number(headers['content-length'] ?? 0);
      if (end >= 0 && text.length >= end + 4 + length) {
        const body = text.slice(end + 4, end + 4 + length);
        text = text.slice(end + 4 + length);
        return { status: Number(head[0]!.split(' ')[1]), headers, body };
      }
      if (socket.closed || socket.destroyed) return null;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { socket, read, write: (bytes: string | Buffer) => socket.write(bytes) };
}

function post(path: string, body: string | Buffer, headers: Record<string, string> = {}, method = 'POST'): Buffer {
  const all: Record<string, string> = {
    host: 'localhost',
    'content-type': 'application/json',
    'x-hub-signature-256': SIGNATURE,
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}

async function ask(bytes: string | Buffer): Promise<Answer> {
  const connection = await open();
  connection.write(bytes);
  const answer = await connection.read();
  connection.socket.destroy();
  if (!answer) throw new Error('The connection was closed without an answer');
  return answer;
}

const frames = () => fakes.batches.flat();
const bodies = () => frames().map((frame) => Buffer.from(frame.body).toString());

describe('a webhook over a connection', () => {
  it('reaches the connector byte for byte and gets the answer that Meta expects', async () => {
    const raw = Buffer.concat([Buffer.from('{ "b" : "\\u00e9",\n"a":1}'), Buffer.from([0xff, 0xfe])]);
    const answer = await ask(post(PATH, raw));
    expect([answer.status, answer.body]).toEqual([200, 'EVENT_RECEIVED']);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(Buffer.from(frames()[0]!.body)).toEqual(raw);
    expect(frames()[0]).toMatchObject({ channelId: samples.channel.id, headers: { 'x-hub-signature-256': SIGNATURE } });
  });

  it.each([
    [
      'crm, an id in capitals',
      PATH.toUpperCase().replace('/V1/WEBHOOKS/WHATSAPP/META/', '/v1/webhooks/whatsapp/meta/'),
      {},
    ],
    ['inbox', INBOX, {}],
    ["inbox's own host", '/webhooks/whatsapp', { host: 'inbox.localhost:3000' }],
    ['with a query', `${PATH}?a=1`, {}],
    ['of another JSON type', PATH, { 'content-type': 'application/vnd.api+json; charset=utf-8' }],
  ])('is taken: %s', async (_what, path, headers) => {
    const answer = await ask(post(path, '{"a":1}', headers as Record<string, string>));
    expect([answer.status, answer.body]).toEqual([200, 'EVENT_RECEIVED']);
    expect(bodies()).toEqual(['{"a":1}']);
    expect(frames()[0]!.channelId).toBe(path.includes('meta') ? samples.channel.id : null);
  });

  it.each([
    [401, 401, 'INVALID_SIGNATURE', PATH],
    [404, 404, 'NOT_FOUND', PATH],
    [400, 400, 'MALFORMED_JSON', PATH],
    [503, 503, 'UNAVAILABLE', PATH],
    [500, 503, 'UNAVAILABLE', PATH],
    [401, 401, null, INBOX],
    [404, 404, null, INBOX],
  ])('that the connector answers %i is answered %i, the same on both paths', async (theirs, ours, code, path) => {
    fakes.frameStatus = () => theirs;
    const direct = await ask(post(path, '{}', { 'x-request-id': 'request-77' }));
    // A query makes it one for Fastify.
    const through = await ask(post(`${path}?x=1`, '{}', { 'x-request-id': 'request-77' }));
    expect(direct.status).toBe(ours);
    const same = ['content-type', 'x-request-id', 'x-content-type-options', 'www-authenticate', 'retry-after'];
    const told = ({ status, body, headers }: Answer) => [status, body, same.map((name) => headers[name])];
    expect(told(direct)).toEqual(told(through));
    expect(direct.headers['x-request-id']).toBe('request-77');
    if (code) expect(JSON.parse(direct.body)).toEqual({ error: { code, message: expect.any(String) } });
  });

  it('of a limited number gets the connector’s seconds, on both paths', async () => {
    fakes.frameStatus = () => 429;
    fakes.framesRetryAfter = '0=42';
    for (const path of [PATH, `${PATH}?x=1`]) {
      const { status, headers, body } = await ask(post(path, '{}'));
      expect([status, headers['retry-after']]).toEqual([429, '42']);
      expect(JSON.parse(body).error.code).toBe('TOO_MANY_REQUESTS');
    }
  });

  it.each([
    ['without a signature', post(PATH, '{}', { 'x-hub-signature-256': '' }), 401],
    ['with a signature as long as a book', post(PATH, '{}', { 'x-hub-signature-256': 'x'.repeat(4000) }), 401],
    ['for an id that is none', post('/v1/webhooks/whatsapp/meta/7', '{}'), 404],
    ['of another content type', post(PATH, '<a/>', { 'content-type': 'text/xml' }), 415],
    ['without a content type', post(PATH, '{}', { 'content-type': '' }), 415],
    ['of 4 MB', post(PATH, Buffer.alloc(4 << 20, 32)), 413],
    ['without a body', post(PATH, ''), 400],
    ['by PUT', post(PATH, '{}', {}, 'PUT'), 405],
  ])('%s is refused in the words of the edition', async (_what, bytes, status) => {
    const answer = await ask(bytes);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
    expect(fakes.batches).toEqual([]);
  });

  it('in chunks is taken too', async () => {
    const connection = await open();
    connection.write(post(PATH, '', { 'content-length': '', 'transfer-encoding': 'chunked' }));
    connection.write('4\r\n{"a"\r\n');
    connection.write('3\r\n:1}\r\n0\r\n\r\n');
    expect((await connection.read())?.status).toBe(200);
    expect(bodies()).toEqual(['{"a":1}']);
    connection.socket.destroy();
  });

  it('that drips in byte by byte arrives whole', async () => {
    const connection = await open();
    for (const byte of post(PATH, '{"slow":true}')) {
      connection.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await connection.read())?.status).toBe(200);
    expect(bodies()).toEqual(['{"slow":true}']);
    connection.socket.destroy();
  });

  it('of 3 MiB, Meta’s largest, arrives whole', async () => {
    const body = `{"long":"${'x'.repeat(3 * 1024 * 1024 - 11)}"}`;
    const answer = await ask(post(PATH, body));
    expect(answer.status).toBe(200);
    expect(bodies()[0]!.length).toBe(3 * 1024 * 1024);
    expect(bodies()[0] === body).toBe(true);
  });

  it('keeps its connection for the next one, and pipelined ones are answered in order', async () => {
    fakes.frameStatus = ({ body }) => (Buffer.from(body).includes('bad') ? 401 : 200);
    const connection = await open();
    for (let i = 0; i < 3; i++) {
      connection.write(post(PATH, `{"n":${i}}`));
      const answer = await connection.read();
      expect([answer?.status, answer?.headers.connection]).toEqual([200, 'keep-alive']);
    }
    connection.write(
      Buffer.concat([
        post(PATH, '{"n":3}'),
        post(PATH, '{"bad":4}'),
        post(`${PATH}?q`, '{"n":5}'),
        post(PATH, '{"n":6}'),
      ]),
    );
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await connection.read())?.status);
    expect(statuses).toEqual([200, 401, 200, 200]);
    expect(frames()).toHaveLength(7);
    connection.socket.destroy();
  });

  it('whose upload is broken off stores nothing and harms no other', async () => {
    const connection = await open();
    connection.write(post(PATH, '{"a":1}').subarray(0, -2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    connection.socket.destroy();
    expect((await ask(post(PATH, '{"b":2}'))).status).toBe(200);
    expect(bodies()).toEqual(['{"b":2}']);
  });

  it('whose sender leaves before the answer is stored', async () => {
    let release = () => {};
    fakes.beforeFrames = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const connection = await open();
    connection.write(post(PATH, '{"a":1}'));
    await expect.poll(() => fakes.batches.length).toBe(1);
    connection.socket.destroy();
    release();
    fakes.beforeFrames = async () => {};
    expect((await ask(post(PATH, '{"b":2}'))).status).toBe(200);
    expect(bodies()).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('counts in the metrics as on the other path', async () => {
    const count = async () => {
      const text = await gateway.deps.registry.metrics();
      return Number(/recado_webhooks_total\{[^}]*status="200"[^}]*\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const before = await count();
    await ask(post(PATH, '{}'));
    await ask(post(`${PATH}?q`, '{}'));
    expect((await count()) - before).toBe(2);
  });
});

describe('a server with direct webhooks', () => {
  const get = (path: string, method = 'GET') => ask(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);

  it.each([PATH, INBOX])('verification of %s is answered as before', async (path) => {
    const answer = await get(`${path}?hub.mode=subscribe&hub.verify_token=mi_token&hub.challenge=1158201444`);
    expect([answer.status, answer.body]).toEqual([200, '1158201444']);
  });

  it('passes other requests to their handlers', async () => {
    expect((await get('/health/live')).status).toBe(200);
    expect((await ask(post('/v1/auth/login', '{"email":1}', { 'x-hub-signature-256': '' }))).status).toBe(422);
  });
});

describe('a gateway that is stopping', () => {
  it('answers accepted webhooks, refuses later ones, and ends', async () => {
    const other = await startTestGateway();
    const at = await listen(other);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    other.fakes.beforeFrames = () => held;
    const [taken, late] = [await open(at), await open(at)];
    taken.write(post(PATH, '{"a":1}'));
    // A request half sent keeps its connection from being idle.
    late.write(post(PATH, '{"b":2}').subarray(0, 40));
    await expect.poll(() => other.fakes.batches.length).toBe(1);
    const closed = other.app.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    late.write(post(PATH, '{"b":2}').subarray(40));
    expect((await late.read())?.status).toBe(503);
    release();
    const answer = await taken.read();
    expect([answer?.status, answer?.headers.connection]).toEqual([200, 'close']);
    await closed;
    await other.close();
  });
});
