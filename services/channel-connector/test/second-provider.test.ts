import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { Channel, WebhookFrame } from '@recado/contracts';
import { internalToken } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { OutboundMessage, Provider } from '../src/providers/provider.ts';
import {
  bearer,
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  requestMessage,
  textMessage,
  untilState,
} from './support.ts';

/**
 * A driver that lives in this file alone: another protocol, with its own credentials, header,
 * payload and errors.
 */
interface PigeonAccount {
  loft: string;
  ring: string;
}

const flown: { from: string; message: OutboundMessage }[] = [];
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

const pigeon: Provider<PigeonAccount> = {
  name: 'wppconnect',
  capabilities: { replyWindowHours: null, kinds: ['text'], messagesPerSecond: 20 },
  errors: { hawk: { kind: 'recipient', reason: 'A hawk took the message' } },
  credentials: z
    .strictObject({ loft: z.string().min(1), ring: z.string().min(4) })
    .transform((given) => ({ providerId: given.loft, secrets: given })),
  open: (secrets) => z.object({ loft: z.string(), ring: z.string() }).parse(secrets),
  handshake: null,
  async send({ providerId, account }, message) {
    if (account.loft !== providerId) throw new Error('Another number’s account');
    if (message.content.kind === 'text' && message.content.body === 'hawk') {
      return { kind: 'refused', refusal: { code: 'hawk', otherwise: 'request', said: null } };
    }
    flown.push({ from: providerId, message });
    return { kind: 'ok', value: `pigeon-${message.messageId}` };
  },
  check: async ({ account }) =>
    account.ring === 'lost'
      ? { status: 'error', reason: 'The pigeon has lost its ring' }
      : { status: 'connected', reason: null },
  reach: async () => {},
  isSigned: ({ headers }) => headers['x-ring'] !== undefined,
  findNumbers: ({ body }) => (text(body).includes('|') ? [text(body).split('|')[0]!] : null),
  verifyWebhook: ({ headers }, accounts) =>
    accounts.map(({ ring }) => {
      const [given, own] = [Buffer.from(headers['x-ring'] ?? ''), Buffer.from(ring)];
      return given.length === own.length && timingSafeEqual(given, own);
    }),
  readWebhook({ body }, now) {
    const [providerId, id, phone, content] = text(body).split('|');
    if (!content) return null;
    const from = { waId: null, phone: phone!, userId: null, name: null };
    const message = { providerMessageId: id!, from, type: 'text' as const, content, metadata: null };
    const times = { replyToProviderMessageId: null, sentTime: now.toISOString() };
    return { news: [{ providerId: providerId!, messages: [{ ...message, ...times }], statuses: [] }], ignored: [] };
  },
};

let fixture: Fixture;
let lofts = 0;
beforeAll(async () => {
  fixture = await createFixture({}, { providers: [pigeon] });
});
afterAll(() => fixture.stop());

function connect(tenantId: string, credentials: object) {
  const phone = `+5511977${String(++lofts).padStart(6, '0')}`;
  return fixture.connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(tenantId) },
    payload: { name: 'Loft', provider: 'wppconnect', phone, credentials },
  });
}

async function connected(ring = 'secret-ring') {
  const tenantId = randomUUID();
  const loft = `loft-${lofts}`;
  const response = await connect(tenantId, { loft, ring });
  expect(response.statusCode).toBe(201);
  return { ...response.json<Channel>(), tenantId, loft, ring };
}

const pigeonFrame = (channelId: string | null, body: string, ring: string | null): WebhookFrame => ({
  provider: 'wppconnect',
  channelId,
  headers: ring === null ? {} : { 'x-ring': ring },
  body: Buffer.from(body),
});
const received = (tenantId: string) => eventsOf(fixture, tenantId, 'message.received');

describe('a second provider, defined only in this file', () => {
  test('connects a channel with credentials of its own', async () => {
    const channel = await connected();
    expect(channel).toMatchObject({ provider: 'wppconnect', status: 'connected', providerId: channel.loft });
    const bad = await connect(randomUUID(), { loft: 'x' });
    expect(bad.statusCode).toBe(422);
    expect(bad.json().error.details).toMatchObject([{ field: 'credentials.ring', code: 'required' }]);
    const lost = await connect(randomUUID(), { loft: 'far', ring: 'lost' });
    expect(lost.json<Channel>()).toMatchObject({ status: 'error', lastError: 'The pigeon has lost its ring' });
  });

  test('accepts its webhooks by path and by the number in them', async () => {
    const { id, tenantId, loft, ring } = await connected();
    const statuses = await postFrames(fixture.connector, [
      pigeonFrame(id, `${loft}|m1|+5511911112222|Hi`, ring),
      pigeonFrame(null, `${loft}|m2|+5511911112222|again`, ring),
      pigeonFrame(id, `${loft}|m1|+5511911112222|Hi`, ring),
    ]);
    expect(statuses).toEqual([200, 200, 200]);
    expect(await received(tenantId)).toMatchObject([
      { channelId: id, provider: 'wppconnect', providerMessageId: 'm1', content: 'Hi' },
      { channelId: id, provider: 'wppconnect', providerMessageId: 'm2', content: 'again' },
    ]);
  });

  test('refuses messages by its own rules', async () => {
    const { id, tenantId, loft, ring } = await connected();
    const statuses = await postFrames(fixture.connector, [
      pigeonFrame(id, `${loft}|m1|+5511911112222|Hi`, 'another-ring'),
      pigeonFrame(id, `${loft}|m1|+5511911112222|Hi`, null),
      pigeonFrame(null, `${loft}|m1|+5511911112222|Hi`, 'another-ring'),
      pigeonFrame(id, 'nonsense', ring),
      pigeonFrame(null, 'nonsense', ring),
      pigeonFrame(null, 'nowhere|m1|+5511911112222|Hi', ring),
      { ...pigeonFrame(id, `${loft}|m1|+5511911112222|Hi`, ring), provider: 'evolution' },
    ]);
    expect(statuses).toEqual([401, 401, 401, 400, 400, 404, 401]);
    expect(await received(tenantId)).toEqual([]);
  });

  test('is separate from the first provider, even with the same number id', async () => {
    const meta = await createChannel(fixture);
    const tenantId = randomUUID();
    const same = (await connect(tenantId, { loft: meta.phoneNumberId, ring: 'secret-ring' })).json<Channel>();
    expect(same.status).toBe('connected');
    const body = payload(meta.phoneNumberId, { messages: [textMessage('wamid.apart')] });
    const line = `${meta.phoneNumberId}|m1|+5511911112222|Hi`;
    const statuses = await postFrames(fixture.connector, [
      frame(null, body),
      frame(same.id, body),
      pigeonFrame(null, line, 'secret-ring'),
      pigeonFrame(meta.id, line, 'secret-ring'),
    ]);
    expect(statuses).toEqual([200, 404, 200, 404]);
    expect(await received(meta.tenantId)).toMatchObject([{ provider: 'meta', providerMessageId: 'wamid.apart' }]);
    expect(await received(tenantId)).toMatchObject([{ provider: 'wppconnect', providerMessageId: 'm1' }]);
  });

  test('sends, and fails with the sentences of its own table', async () => {
    const channel = await connected();
    const good = await requestMessage(fixture, channel, { text: 'Fly' });
    const bad = await requestMessage(fixture, channel, { text: 'hawk' });
    expect(await untilState(fixture, good.messageId, 'sent')).toMatchObject({
      provider_message_id: `pigeon-${good.messageId}`,
    });
    expect(flown.filter(({ from }) => from === channel.loft)).toMatchObject([
      {
        message: {
          messageId: good.messageId,
          content: { kind: 'text', body: 'Fly' },
          recipient: { phone: '+5511911112222' },
        },
      },
    ]);
    expect(await untilState(fixture, bad.messageId, 'failed')).toMatchObject({
      error_code: 'hawk',
      error_message: 'A hawk took the message',
    });
  });

  test('reports its capabilities, its health, and that it has no handshake', async () => {
    const get = (url: string) =>
      fixture.connector.app.inject({ url, headers: { authorization: `Bearer ${internalToken({ role: 'service' })}` } });
    const token = { links: false, hosted: false };
    expect((await get('/providers')).json()).toMatchObject({
      items: [
        { name: 'meta', capabilities: { replyWindowHours: 24, ...token } },
        { name: 'evolution', capabilities: { replyWindowHours: null, links: true, hosted: false } },
        { name: 'wppconnect', capabilities: { replyWindowHours: null, ...token } },
      ],
    });
    await get('/health/ready');
    await expect.poll(async () => (await get('/health/ready')).json().uses.wppconnect?.ok).toBe(true);
    expect((await get('/webhooks/wppconnect/verify?mode=subscribe&verifyToken=x')).statusCode).toBe(404);
  });
});
