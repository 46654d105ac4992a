import { uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { splitBySize } from '../src/webhooks/collector.ts';
import type { FakeServices } from './fake-state.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
let fakes: FakeServices;
beforeAll(async () => {
  gateway = await startTestGateway();
  fakes = gateway.fakes;
});
afterAll(() => gateway?.close());
beforeEach(() => {
  fakes.batches = [];
  fakes.frameStatus = () => 200;
  fakes.beforeFrames = async () => {};
});

const PATH = `/v1/webhooks/whatsapp/meta/${samples.channel.id}`;
const signature = `sha256=${'a'.repeat(64)}`;
const post = (payload: string | Buffer, url = PATH, headers: Record<string, string> = {}) =>
  gateway.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature, ...headers },
    payload,
  });

describe('a webhook', () => {
  it('reaches the connector byte for byte, with its signature and channel', async () => {
    // What no parser would give back the same: spaces, escapes, key order, bytes that are no UTF-8.
    const raw = Buffer.concat([Buffer.from('{ "b" : "\\u00e9",\n"a":1}'), Buffer.from([0xff, 0xfe])]);
    const answer = await post(raw, PATH, { 'content-type': 'application/json; charset=utf-8' });
    expect([answer.statusCode, answer.body]).toEqual([200, 'EVENT_RECEIVED']);
    const [[frame]] = fakes.batches as [[(typeof fakes.batches)[0][0]]];
    expect(Buffer.from(frame.body)).toEqual(raw);
    expect(frame).toMatchObject({
      provider: 'meta',
      channelId: samples.channel.id,
      headers: { 'x-hub-signature-256': signature },
    });
  });

  it('of inbox leaves the channel to the payload', async () => {
    const answer = await post('{}', '/inbox/webhooks/whatsapp');
    expect(answer.body).toBe('EVENT_RECEIVED');
    expect(fakes.batches[0]![0]!.channelId).toBeNull();
  });

  it.each([
    [401, 401, 'INVALID_SIGNATURE'],
    [404, 404, 'NOT_FOUND'],
    [400, 400, 'MALFORMED_JSON'],
    [503, 503, 'UNAVAILABLE'],
    [500, 503, 'UNAVAILABLE'],
  ])('that the connector answers %i is answered %i', async (theirs, ours, code) => {
    fakes.frameStatus = () => theirs;
    const answer = await post('{}');
    expect(answer.statusCode).toBe(ours);
    expect(answer.json()).toEqual({ error: { code, message: expect.any(String) } });
  });

  it.each([
    ['without a signature', () => post('{}', PATH, { 'x-hub-signature-256': '' }), 401],
    ['with a signature as long as a book', () => post('{}', PATH, { 'x-hub-signature-256': 'x'.repeat(4000) }), 401],
    ['for an id that is none', () => post('{}', '/v1/webhooks/whatsapp/meta/7'), 404],
    ['of another content type', () => post('<a/>', PATH, { 'content-type': 'text/xml' }), 415],
    ['of 4 MB', () => post(Buffer.alloc(4 << 20, 32)), 413],
    ['without a body', () => post(''), 400],
  ])('%s is refused here', async (_what, act, status) => {
    const answer = await act();
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
    expect(fakes.batches).toEqual([]);
  });

  it('shares a request with others that arrive meanwhile, and each gets its own answer', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    fakes.beforeFrames = () => held;
    fakes.frameStatus = ({ body }) => (Buffer.from(body).toString().includes('bad') ? 401 : 200);
    const early = [post('{"n":1}'), post('{"n":2}')];
    await expect.poll(() => fakes.batches.length).toBeGreaterThan(0);
    const late = Array.from({ length: 50 }, (_, i) => post(i % 10 === 0 ? '{"bad":1}' : `{"n":${i}}`));
    await expect.poll(() => gateway.app.server !== undefined).toBe(true);
    release();
    const answers = await Promise.all([...early, ...late]);
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(47);
    expect(fakes.batches.flat()).toHaveLength(52);
    expect(fakes.batches.length).toBeLessThan(10);
  });

  it('of a number goes with the next request, for any number of waiting large ones of another number', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const large = (kb: number) => Buffer.from(JSON.stringify({ text: 'x'.repeat(kb * 1000) }));
    // Beside another number's webhook they would go into the lane of floods.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    // An address may have as much under way as it sent good ones before.
    for (const kb of [50, 100, 200, 400, 800, 1600]) await post(large(kb));
    fakes.batches = [];
    fakes.beforeFrames = () => held;
    const other = `/v1/webhooks/whatsapp/meta/${uuidv7()}`;
    const first = post('{"n":0}');
    await expect.poll(() => fakes.batches.length).toBe(1);
    const flood = Array.from({ length: 20 }, () => post(large(100)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const last = post('{"n":1}', other);
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    expect((await last).statusCode).toBe(200);
    await Promise.all([first, ...flood]);
    const ids = fakes.batches.map((batch) => batch.map(({ channelId }) => channelId));
    // Two requests may be under way.
    const at = ids.findIndex((batch) => batch.includes(other.slice(-36)));
    expect(at).toBeLessThan(3);
    expect(ids[at]!.length).toBeLessThan(5);
    expect(ids.flat()).toHaveLength(22);
  });

  it('is 503 while the connector is away', async () => {
    const away = await startTestGateway({ RECADO_CHANNEL_CONNECTOR_URL: 'http://127.0.0.1:1' });
    try {
      const answer = await away.app.inject({
        method: 'POST',
        url: PATH,
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
        payload: '{}',
      });
      expect(answer.statusCode).toBe(503);
      expect(answer.json().error.code).toBe('UNAVAILABLE');
    } finally {
      await away.close();
    }
  });
});

describe('verification', () => {
  const verify = (url: string, token: string) =>
    gateway.app.inject({
      url,
      query: { 'hub.mode': 'subscribe', 'hub.verify_token': token, 'hub.challenge': '<b>1158201444' },
    });

  it.each([PATH, '/inbox/webhooks/whatsapp'])('%s gives the challenge back as plain text', async (url) => {
    const answer = await verify(url, 'mi_token');
    expect([answer.statusCode, answer.body]).toEqual([200, '<b>1158201444']);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('with a wrong token is refused', async () => {
    expect((await verify(PATH, 'guess')).statusCode).toBe(403);
  });
});

it('batches are cut at the connector’s limit', () => {
  const frame = (bytes: number) => ({ provider: 'meta', channelId: null, headers: {}, body: new Uint8Array(bytes) });
  const parts = splitBySize([frame(600), frame(100), frame(600), frame(5000), frame(1)], 1500);
  expect(parts.map((part) => part.map(({ body }) => body.length))).toEqual([[600, 100], [600], [5000], [1]]);
  expect(splitBySize([])).toEqual([]);
});
