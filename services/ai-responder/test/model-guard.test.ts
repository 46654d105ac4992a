import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aiResponderApi, uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModel } from '../src/model/client.ts';
import { call, createFixture, type Fixture } from './support.ts';

/** A server of the inside, where a call must never arrive. */
let inside: Server;
let connections = 0;
let insideUrl: string;

const REQUEST = { model: 'gpt-4o-mini', messages: [], temperature: 0, maxTokens: 1 };
const listen = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
};
const modelAt = (baseUrl: string, allowPrivate: boolean) =>
  createModel({ baseUrl, apiKey: 'key', allowPrivate, connections: 1, timeoutMs: 5000 });

beforeAll(async () => {
  inside = createServer((_request, response) => response.end('{}'));
  inside.on('connection', () => connections++);
  insideUrl = await listen(inside);
});
afterAll(() => inside.close());

describe('the model client', () => {
  it('never connects to a private address', async () => {
    const before = connections;
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
      const model = modelAt(insideUrl.replace('127.0.0.1', host), false);
      await expect(model.complete(REQUEST)).rejects.toMatchObject({
        kind: 'refused',
        message: 'The model’s address is not public',
      });
      await model.close();
    }
    expect(connections).toBe(before);
  });

  it('does not follow a redirect, which could lead anywhere', async () => {
    const before = connections;
    const outside = createServer((_request, response) =>
      response.writeHead(307, { location: `${insideUrl}/chat/completions` }).end(),
    );
    const model = modelAt(await listen(outside), true);
    await expect(model.complete(REQUEST)).rejects.toMatchObject({ kind: 'broken' });
    expect(connections).toBe(before);
    await model.close();
    outside.close();
  });
});

describe('the service', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createFixture({}, { RECADO_ALLOW_PRIVATE_URLS: '0', RECADO_OPENAI_BASE_URL: insideUrl });
  });
  afterAll(() => fixture.stop());

  it('does not let a trial reach a model at a private address unless the operator allows it', async () => {
    const before = connections;
    const answer = await call(fixture.ai, aiResponderApi.test, {
      tenantId: uuidv7(),
      body: { message: 'hola', context: [] },
    });
    expect(answer).toMatchObject({ status: 502, body: { error: { code: 'bad_gateway' } } });
    expect(connections).toBe(before);
  });
});
