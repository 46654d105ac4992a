import fs from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
const written: string[] = [];
beforeAll(async () => {
  const write = fs.writeSync;
  vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, text: string, ...more: []) => {
    if (fd !== 1) return write(fd, text, ...more);
    return Buffer.byteLength(text) * written.push(text) ** 0;
  }) as typeof fs.writeSync);
  gateway = await startTestGateway({ LOG_LEVEL: 'trace' });
});
afterAll(async () => {
  await gateway?.close();
  vi.restoreAllMocks();
});
beforeEach(() => {
  gateway.fakes.batches = [];
  gateway.fakes.frameStatus = () => 200;
});

const SECRET = 'canary-of-the-webhook-url';
const id = samples.channel.id;
const EVOLUTION = `/api/v1/whatsapp/webhook/${id}`;
const WPPCONNECT = `/v1/webhooks/whatsapp/wppconnect/${id}`;
const post = (url: string, headers: Record<string, string> = {}) =>
  gateway.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: '{"event":"qrcode"}',
  });

describe('a webhook of a linked phone', () => {
  it.each([
    ['evolution', `${EVOLUTION}?secret=${SECRET}`],
    ['evolution', `${EVOLUTION}/messages-upsert?secret=${SECRET}`],
    // What Evolution makes of the registered URL when it posts by events.
    ['evolution', `${EVOLUTION}?secret=${SECRET}/connection-update`],
    ['wppconnect', `${WPPCONNECT}?secret=${SECRET}`],
  ])('of %s reaches the connector with the secret of its URL: %s', async (provider, url) => {
    const answer = await post(url, { 'x-recado-url-secret': 'what a client sends counts for nothing' });
    expect([answer.statusCode, answer.body]).toEqual([200, 'EVENT_RECEIVED']);
    expect(gateway.fakes.batches[0]![0]).toMatchObject({
      provider,
      channelId: id,
      headers: { 'x-recado-url-secret': SECRET },
    });
  });

  it.each([EVOLUTION, `${EVOLUTION}?secret=short`, `${WPPCONNECT}?other=${SECRET}`])(
    'without a secret is refused, and the connector is not asked: %s',
    async (url) => {
      expect((await post(url, { 'x-recado-url-secret': SECRET })).statusCode).toBe(401);
      expect(gateway.fakes.batches).toEqual([]);
    },
  );

  it('that is refused or cannot be stored shows its secret in no log', async () => {
    for (const status of [401, 404, 503]) {
      gateway.fakes.frameStatus = () => status;
      expect((await post(`${WPPCONNECT}?secret=${SECRET}`)).statusCode).toBe(status);
    }
    expect(written.join('')).toContain('/v1/webhooks/whatsapp/wppconnect/');
    expect(written.join('')).not.toContain(SECRET);
  });
});
