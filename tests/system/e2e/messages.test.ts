import { randomUUID } from 'node:crypto';
import type { Envelope } from '@recado/contracts';
import { connectBus, DURABLES, PUBLISHERS, streamName } from '@recado/messaging';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import { serviceCaller } from '@recado/service-kit';
import { testLogger } from '@recado/testkit';
import { io, type Socket } from 'socket.io-client';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { internalTokensOf } from '../../../infra/local/secrets.ts';
import { call, must, until } from '../../support/api.ts';
import { documented } from '../../support/documents.ts';
import { signedTextWebhook } from '../../support/meta-webhook.ts';
import { misfits } from '../../support/shape.ts';
import { SOCKET_EXAMPLES } from '../../support/socket-examples.ts';
import type {} from '../../support/system-setup.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';

// The mesh that files share: what is tested here is that real processes work together.
const mesh = inject('mesh');
let gateway: string;
let sandbox: SandboxControl;
let tenant: TestTenant;
let stranger: TestTenant;

beforeAll(async () => {
  gateway = mesh.urls.gateway;
  sandbox = createSandboxControl(mesh.urls.sandbox);
  await sandbox.setBehaviour({ statuses: { sentMs: 10, deliveredMs: 30, readMs: 60 } });
  [tenant, stranger] = await Promise.all([
    createTenant(gateway, sandbox, { ai: true }),
    createTenant(gateway, sandbox),
  ]);
});

afterAll(async () => {
  await sandbox?.close();
});

const get = <T>(path: string, token = tenant.saas) => must(call<T>(gateway, 'GET', path, { token }), 200);

/** An agent's screen: connected and ready; events are kept by name. */
async function agent(token: string, lastEventId?: string) {
  const socket: Socket = io(gateway, {
    transports: ['websocket'],
    auth: { token, lastEventId },
    forceNew: true,
    reconnection: false,
  });
  const heard: { name: string; data: Record<string, never> }[] = [];
  socket.onAny((name, data) => heard.push({ name, data }));
  await until('the socket to be ready', async () =>
    heard.find((e) => e.name === 'session:ready' || e.name === 'session:resync'),
  );
  return {
    socket,
    heard,
    wait: <T>(name: string, fits: (data: T) => boolean = () => true) =>
      until(`${name}`, async () => heard.find((e) => e.name === name && fits(e.data as T))?.data as T | undefined),
  };
}

interface Shown {
  conversationId: string;
  eventId: string;
  message: { id: string; content: string; direction: string; whatsappMessageId: string | null };
}

describe('the streams', () => {
  it('have exactly the durables of the list', async () => {
    const bus = await connectBus({ url: mesh.servers.natsUrl, name: 'e2e', log: testLogger('e2e') });
    try {
      for (const service of PUBLISHERS) {
        const expected = DURABLES.filter(({ event }) => event.service === service).map(({ name }) => name);
        await until(`the durables of ${service}`, async () => {
          const found: string[] = [];
          for await (const { config } of bus.jsm.consumers.list(streamName(service))) {
            if (config.durable_name) found.push(config.durable_name);
          }
          expect(found.sort()).toEqual(expected.sort());
          return true;
        });
      }
    } finally {
      await bus.close();
    }
  });
});

describe('a message from end to end', () => {
  it('comes in signed, is shown live, is answered by the AI, goes out, and its ticks come back', async () => {
    const screen = await agent(tenant.inbox);
    const from = '573155550001';
    const { id } = await sandbox.customerSays({
      phoneNumberId: tenant.number.phoneNumberId,
      from,
      name: 'Carlos Rodríguez',
      text: '¿Cuáles son sus horarios?',
      wait: true,
    });

    const shown = await screen.wait<Shown>('message:new', (e) => e.message.whatsappMessageId === id);
    expect(misfits(SOCKET_EXAMPLES.messageNew, shown)).toEqual([]);
    expect(shown.message).toMatchObject({ direction: 'INBOUND', content: '¿Cuáles son sus horarios?' });
    expect(misfits(SOCKET_EXAMPLES.conversationNew, await screen.wait('conversation:new'))).toEqual([]);
    const joined = screen.wait<{ conversationId: string }>('conversation:joined');
    screen.socket.emit('conversation:join', shown.conversationId);
    expect((await joined).conversationId).toBe(shown.conversationId);

    const reply = await screen.wait<Shown>(
      'message:new',
      (e) => e.conversationId === shown.conversationId && e.message.direction === 'OUTBOUND',
    );
    const read = await screen.wait<{ messageId: string; status: string }>(
      'message:status-update',
      (e) => e.messageId === reply.message.id && e.status === 'READ',
    );
    expect(misfits(SOCKET_EXAMPLES.statusUpdate, read)).toEqual([]);

    const sent = (await sandbox.ledgerMessages()).filter((row) => row.to === from);
    expect(sent).toHaveLength(1);
    const thread = await get<{
      data: { content: string; status: string; aiContext?: { generatedByAI: boolean; model: string } }[];
      total: number;
    }>(`/api/v1/whatsapp/conversations/${shown.conversationId}/messages`);
    expect(misfits(documented('saas', 'GET /whatsapp/conversations/:conversationId/messages'), thread)).toEqual([]);
    expect(thread.data.map((m) => m.content)).toEqual(['¿Cuáles son sus horarios?', reply.message.content]);
    expect(thread.data[1]).toMatchObject({
      status: 'read',
      aiContext: { generatedByAI: true, model: 'gpt-3.5-turbo' },
    });
    screen.socket.disconnect();
  });

  it('is read by an agent, which the customer and the other screens see', async () => {
    // A company of its own: the other tests look for the first chat of theirs.
    const { number, inbox, crm } = await createTenant(gateway, sandbox);
    const { phoneNumberId } = number;
    const screen = await agent(inbox);
    const from = '573155550009';
    const { id } = await sandbox.customerSays({ phoneNumberId, from, name: 'Rosa', text: '¿Me leen?', wait: true });
    const { conversationId, message } = await screen.wait<Shown>(
      'message:new',
      (e) => e.message.whatsappMessageId === id,
    );
    const path = `/v1/messages/${message.id}/read`;
    const read = await must(call<{ unread_count: number }>(gateway, 'POST', path, { token: crm }), 200);
    expect(read).toMatchObject({ id: message.id, chat_id: conversationId, unread_count: 0 });
    await screen.wait<{ conversationId: string; updates?: { unreadCount: number } }>(
      'conversation:updated',
      (e) => e.conversationId === conversationId && e.updates?.unreadCount === 0,
    );
    await until('the blue ticks', async () => {
      const receipts = await sandbox.ledgerAll('receipts');
      return receipts.some((row) => row.messageId === id && row.phoneNumberId === phoneNumberId) ? true : null;
    });
    screen.socket.disconnect();
  });

  it('is sent by an agent through crm and by a program through saas', async () => {
    await sandbox.customerSays({
      phoneNumberId: stranger.number.phoneNumberId,
      from: '573155550002',
      name: 'Eva',
      text: 'Hola',
      wait: true,
    });
    const chats = await until('the chat', async () => {
      const list = await get<{ data: { id: string }[] }>('/v1/chats', stranger.crm);
      return list.data.length > 0 ? list : null;
    });
    const chatId = chats.data[0]!.id;
    const byAgent = await must(
      call(gateway, 'POST', '/v1/messages', {
        token: stranger.crm,
        body: { chat_id: chatId, message_type: 'text', content: 'Hola Eva' },
      }),
      201,
    );
    expect(misfits(documented('crm', 'POST /messages'), byAgent)).toEqual([]);
    const byProgram = await must(
      call(gateway, 'POST', `/api/v1/whatsapp/instances/${stranger.channelId}/messages/send`, {
        token: stranger.saas,
        body: { to: '51999888777', text: 'Hola! Este es un mensaje de prueba' },
      }),
      201,
    );
    expect(misfits(documented('saas', 'POST /whatsapp/instances/:instanceId/messages/send'), byProgram)).toEqual([]);
    await until('both to be in the ledger', async () => {
      const texts = (await sandbox.ledgerMessages()).map((row) => row.to);
      return texts.includes('573155550002') && texts.includes('51999888777') ? true : null;
    });
    const messages = await until('the ticks', async () => {
      const list = await get<{ data: { direction: string; status: string; user: { first_name: string } | null }[] }>(
        `/v1/chats/${chatId}/messages`,
        stranger.crm,
      );
      return list.data.some((m) => m.direction === 'outbound' && m.status === 'read') ? list : null;
    });
    expect(misfits(documented('crm', 'GET /chats/:id/messages'), messages)).toEqual([]);
    expect(messages.data.find((m) => m.direction === 'outbound')?.user?.first_name).toBe('Ana');
  });

  it('goes out as signed webhooks, to an endpoint of crm and to the address of an instance in bots', async () => {
    const [ofCrm, ofBots] = [randomUUID(), randomUUID()];
    const urlOf = (receiver: string) => `${mesh.urls.sandbox}/receivers/${receiver}`;
    const { crm: token, channelId, number } = stranger;
    const ask = <T>(method: 'POST' | 'PUT', path: string, body: object, status: number) =>
      must(call<T>(gateway, method, path, { token, body }), status);
    const endpoint = { name: 'CRM', url: urlOf(ofCrm), event_types: ['message.created'], number_ids: [channelId] };
    const { secret } = await ask<{ secret: string }>('POST', '/v1/webhook-endpoints', endpoint, 201);
    const instance = `/bots/api/instances/${channelId}`;
    await ask('PUT', instance, { webhookUrl: urlOf(ofBots) }, 200);
    const rotated = await ask<{ data: { secret: string } }>('POST', `${instance}/webhook/secret`, {}, 200);
    const from = '573155550019';
    await sandbox.customerSays({ phoneNumberId: number.phoneNumberId, from, text: 'Por webhook', wait: true });
    for (const [receiver, key] of [
      [ofCrm, secret],
      [ofBots, rotated.data.secret],
    ] as const) {
      const ids = new Set<string>();
      await until('the webhook', async () => {
        for (const { body, headers, status } of await sandbox.received(receiver)) {
          // What the change of the instance itself sent is signed with the secret before.
          if (status !== 204 || !/message\.created.*Por webhook/.test(body)) continue;
          ids.add((new Webhook(key).verify(body, headers) as Envelope).id);
        }
        return ids.size > 0 ? true : null;
      });
      expect(ids.size).toBe(1);
    }
    await ask('PUT', instance, { webhookUrl: null }, 200);
  });

  it('is counted', async () => {
    const expected = { messagesReceivedToday: 1, messagesSentToday: 1, aiMessagesToday: 1, failedMessagesToday: 0 };
    const counted = await until('the counts', async () => {
      const { data } = await get<{ data: Record<string, number> }>('/api/v1/analytics/realtime');
      return data.messagesSentToday === 1 && data.messagesReceivedToday === 1 ? data : null;
    });
    expect(counted).toMatchObject(expected);
  });
});

describe('the documented answers', () => {
  it.each<[string, string, () => string, unknown]>([
    ['saas GET /', '/api/v1/', () => '', documented('saas', 'GET /')],
    ['saas GET /health', '/api/v1/health', () => '', documented('saas', 'GET /health')],
    ['the root', '/', () => '', documented('saas', 'GET /')],
    ["the root's health", '/health', () => '', documented('saas', 'GET /health')],
    ['saas GET /auth/me', '/api/v1/auth/me', () => tenant.saas, documented('saas', 'GET /auth/me')],
    ['saas GET /tenant', '/api/v1/tenant', () => tenant.saas, documented('saas', 'GET /tenant')],
    [
      'saas GET /whatsapp/instances',
      '/api/v1/whatsapp/instances',
      () => tenant.saas,
      documented('saas', 'GET /whatsapp/instances'),
    ],
    ['saas GET /ai/config', '/api/v1/ai/config', () => tenant.saas, documented('saas', 'GET /ai/config')],
    ['crm GET /whatsapp-numbers', '/v1/whatsapp-numbers', () => tenant.crm, documented('crm', 'GET /whatsapp-numbers')],
    ['crm GET /chats', '/v1/chats', () => tenant.crm, documented('crm', 'GET /chats')],
  ])('%s has every key with its type', async (_name, path, token, example) => {
    const answer = await must(call(gateway, 'GET', path, token() ? { token: token() } : {}), 200);
    expect(misfits(example, answer)).toEqual([]);
  });

  it('of logins, refresh, chats, AI and conversations fit too', async () => {
    const { email, password } = tenant;
    const login = await must(
      call<{ data: { refreshToken: string } }>(gateway, 'POST', '/api/v1/auth/login', { body: { email, password } }),
      200,
    );
    expect(misfits(documented('saas', 'POST /auth/login'), login)).toEqual([]);
    const refreshed = await must(
      call(gateway, 'POST', '/api/v1/auth/refresh', { body: { refreshToken: login.data.refreshToken } }),
      200,
    );
    expect(misfits({ data: documented('saas', 'POST /auth/login').data }, refreshed)).toEqual([]);
    expect(
      misfits(
        documented('crm', 'POST /auth/login'),
        await must(call(gateway, 'POST', '/v1/auth/login', { body: { email, password } }), 200),
      ),
    ).toEqual([]);
    expect(
      misfits(
        documented('inbox', 'POST /auth/login'),
        await must(call(gateway, 'POST', '/inbox/auth/login', { body: { email, password } }), 200),
      ),
    ).toEqual([]);

    const chats = await get<{ data: { id: string }[] }>('/v1/chats', tenant.crm);
    expect(
      misfits(documented('crm', 'GET /chats/:id'), await get(`/v1/chats/${chats.data[0]!.id}`, tenant.crm)),
    ).toEqual([]);
    expect(
      misfits(
        documented('saas', 'GET /whatsapp/instances/:instanceId/conversations'),
        await get(`/api/v1/whatsapp/instances/${tenant.channelId}/conversations?status=active`),
      ),
    ).toEqual([]);

    const config = await must(
      call<{ settings: object; keywords: string[] }>(gateway, 'PUT', '/api/v1/ai/config', {
        token: tenant.saas,
        body: { personality: 'professional', settings: { temperature: 0.5, maxTokens: 200 }, keywords: ['consulta'] },
      }),
      200,
    );
    expect(misfits(documented('saas', 'GET /ai/config'), config)).toEqual([]);
    expect(config).toMatchObject({
      personality: 'professional',
      settings: { temperature: 0.5, maxTokens: 200, contextWindow: 5 },
      keywords: ['consulta'],
    });
    const tried = await must(
      call(gateway, 'POST', '/api/v1/ai/test', {
        token: tenant.saas,
        body: { message: '¿Cuáles son sus horarios?', context: ['Hola'] },
      }),
      200,
    );
    expect(misfits(documented('saas', 'POST /ai/test'), tried)).toEqual([]);
  });
});

describe('another tenant', () => {
  it('gets the same answer, byte for byte, for a foreign id and a missing one', async () => {
    const chats = await get<{ data: { id: string }[] }>('/v1/chats', tenant.crm);
    const foreign = chats.data[0]!.id;
    const missing = '01890000-0000-7000-8000-000000000000';
    for (const path of [
      '/v1/chats/:id',
      '/v1/chats/:id/messages',
      '/api/v1/whatsapp/conversations/:id/messages',
      '/api/v1/whatsapp/instances/:id/conversations',
    ]) {
      const id = path.includes('instances') ? tenant.channelId : foreign;
      const token = path.startsWith('/v1') ? stranger.crm : stranger.saas;
      const [a, b] = await Promise.all([
        call(gateway, 'GET', path.replace(':id', id), { token }),
        call(gateway, 'GET', path.replace(':id', missing), { token }),
      ]);
      expect([path, a.status, a.text]).toEqual([path, 404, b.text]);
    }
    const write = await call(gateway, 'POST', '/v1/messages', {
      token: stranger.crm,
      body: { chat_id: foreign, message_type: 'text', content: 'hola' },
    });
    expect(write.status).toBe(404);
  });

  it("does not get the tenant's events", async () => {
    const [mine, theirs] = await Promise.all([agent(tenant.inbox), agent(stranger.inbox)]);
    await sandbox.customerSays({
      phoneNumberId: tenant.number.phoneNumberId,
      from: '573155550003',
      name: 'Luz',
      text: 'Secreto',
      wait: true,
    });
    await mine.wait<Shown>('message:new', (e) => e.message.content === 'Secreto');
    expect(theirs.heard.filter((e) => e.name !== 'session:ready')).toEqual([]);
    mine.socket.disconnect();
    theirs.socket.disconnect();
  });
});

describe('a socket', () => {
  it('is refused without a valid token', async () => {
    const socket = io(gateway, {
      transports: ['websocket'],
      auth: { token: 'nonsense' },
      forceNew: true,
      reconnection: false,
    });
    const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
    expect(error.message).not.toBe('');
    socket.disconnect();
  });

  it('that reconnects with its last event id gets the missed events, once and in order', async () => {
    const first = await agent(stranger.inbox);
    const say = (text: string) =>
      sandbox.customerSays({
        phoneNumberId: stranger.number.phoneNumberId,
        from: '573155550004',
        name: 'Sol',
        text,
        wait: true,
      });
    await say('uno');
    const { eventId } = await first.wait<Shown>('message:new', (e) => e.message.content === 'uno');
    first.socket.disconnect();
    await say('dos');
    await say('tres');
    const second = await agent(stranger.inbox, eventId);
    expect(second.heard[0]).toMatchObject({ name: 'session:ready', data: { resumed: true } });
    await second.wait<Shown>('message:new', (e) => e.message.content === 'tres');
    const texts = second.heard
      .filter((e) => e.name === 'message:new')
      .map((e) => (e.data as unknown as Shown).message.content);
    expect(texts).toEqual(['dos', 'tres']);
    second.socket.disconnect();
  });

  it('with an id of another generation of the stream gets a resync', async () => {
    const screen = await agent(stranger.inbox, 'another0life-5');
    expect(screen.heard[0]?.name).toBe('session:resync');
    screen.socket.disconnect();
  });
});

describe('bad input', () => {
  const webhookPath = () => `/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  const post = (body: Buffer | string, signature?: string, path = webhookPath()) =>
    call<{ error: { code: string; message: string } }>(gateway, 'POST', path, {
      raw: body,
      headers: signature ? { 'x-hub-signature-256': signature } : {},
    });
  const total = async () => (await get<{ meta: { total: number } }>('/v1/chats', tenant.crm)).meta.total;

  it('in webhooks is refused in the edition’s shape, and nothing is stored', async () => {
    const before = await total();
    const { body, signature } = signedTextWebhook(tenant.number, { from: '573155550100', name: 'X', text: 'x' });
    const forged = signedTextWebhook(
      { ...tenant.number, appSecret: 'another secret' },
      { from: '573155550100', name: 'X', text: 'x' },
    );
    const answers = {
      'no signature': await post(body),
      'wrong signature': await post(forged.body, forged.signature),
      'signature of other bytes': await post(Buffer.concat([body, Buffer.from(' ')]), signature),
      'unknown number': await post(body, signature, '/v1/webhooks/whatsapp/meta/01890000-0000-7000-8000-000000000000'),
      'id that is none': await post(body, signature, '/v1/webhooks/whatsapp/meta/7'),
      '4 MB': await post(Buffer.alloc(4 * 1024 * 1024, 0x20), signature),
    };
    expect(Object.fromEntries(Object.entries(answers).map(([what, a]) => [what, a.status]))).toEqual({
      'no signature': 401,
      'wrong signature': 401,
      'signature of other bytes': 401,
      'unknown number': 404,
      'id that is none': 404,
      '4 MB': 413,
    });
    for (const answer of Object.values(answers))
      expect(answer.body.error).toEqual({ code: expect.any(String), message: expect.any(String) });
    expect(await total()).toBe(before);
  });

  it('in bodies is refused naming the field, in each edition’s shape', async () => {
    const cases: [string, string, unknown, number][] = [
      ['/v1/messages', tenant.crm, { chat_id: 'x', message_type: 'text', content: '' }, 422],
      ['/v1/messages', tenant.crm, { chat_id: tenant.channelId, message_type: 'text', content: 'a\u0000b' }, 422],
      [
        '/v1/messages',
        tenant.crm,
        { chat_id: tenant.channelId, message_type: 'text', content: 'a', tenant_id: stranger.tenantId },
        422,
      ],
      ['/api/v1/ai/toggle', tenant.saas, { enabled: 'yes' }, 400],
      ['/inbox/auth/login', '', { email: 'not an e-mail', password: 'x' }, 400],
    ];
    for (const [path, token, body, status] of cases) {
      const answer = await call(gateway, 'POST', path, { ...(token ? { token } : {}), body });
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.text).toMatch(/"field":"[a-z_]+"/i);
    }
    const broken = await call<{ statusCode: number }>(gateway, 'POST', '/api/v1/auth/login', { raw: '{"email":' });
    expect([broken.status, broken.body.statusCode]).toEqual([400, 400]);
    const huge = await call(gateway, 'POST', '/api/v1/auth/login', {
      raw: JSON.stringify({ email: 'x'.repeat(2 * 1024 * 1024) }),
    });
    expect(huge.status).toBe(413);
  });

  it('a verification gets its challenge back only for the right token', async () => {
    const verify = (query: string) => call(gateway, 'GET', `${webhookPath()}?${query}`);
    const { verifyToken } = tenant;
    const good = await verify(`hub.mode=subscribe&hub.verify_token=${verifyToken}&hub.challenge=c0ffee`);
    expect([good.status, good.text]).toEqual([200, 'c0ffee']);
    expect((await verify('hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=c0ffee')).status).toBe(403);
    expect((await verify('hub.mode=subscribe&hub.challenge=c0ffee')).status).toBe(422);
  });

  it('ten messages in three changes are all stored, unknown kinds as unsupported', async () => {
    const from = (n: number) => `5731055500${String(n).padStart(2, '0')}`;
    const message = (n: number) => ({
      from: from(n),
      id: `wamid.ten.${tenant.channelId}.${n}`,
      timestamp: '1760000000',
      ...(n === 9 ? { type: 'hologram', hologram: { depth: 3 } } : { type: 'text', text: { body: `diez ${n}` } }),
    });
    const change = (ns: number[]) => ({
      field: 'messages',
      value: {
        messaging_product: 'whatsapp',
        metadata: {
          display_phone_number: tenant.number.displayPhoneNumber,
          phone_number_id: tenant.number.phoneNumberId,
        },
        contacts: ns.map((n) => ({ wa_id: from(n), profile: { name: `Diez ${n}` } })),
        messages: ns.map(message),
      },
    });
    const body = {
      object: 'whatsapp_business_account',
      entry: [
        { id: tenant.number.wabaId, changes: [change([0, 1, 2, 3]), change([4, 5, 6])] },
        { id: tenant.number.wabaId, changes: [change([7, 8, 9])] },
      ],
    };
    const { createHmac } = await import('node:crypto');
    const raw = Buffer.from(JSON.stringify(body));
    const answer = await post(raw, `sha256=${createHmac('sha256', tenant.number.appSecret).update(raw).digest('hex')}`);
    expect(answer.status).toBe(200);
    const chats = await until('ten chats', async () => {
      const list = await get<{
        data: { id: string; client: { phone_number: string }; last_message: { content: string } }[];
      }>('/v1/chats?search=Diez&limit=50', tenant.crm);
      return list.data.length === 10 ? list.data : null;
    });
    const odd = chats.find((chat) => chat.client.phone_number === `+${from(9)}`)!;
    const thread = await get<{ data: { message_type: string }[] }>(`/v1/chats/${odd.id}/messages`, tenant.crm);
    expect(thread.data.find((m) => m.message_type === 'unsupported')).toBeDefined();
  });

  it('unknown paths answer in the shape of their edition', async () => {
    const shapes: [string, (body: Record<string, unknown>) => unknown][] = [
      ['/api/v1/nope', (b) => b.statusCode],
      ['/v1/nope', (b) => (b.error as { code: string }).code],
      ['/bots/api/nope', (b) => b.success === false && (b.error as { type: string }).type],
      ['/inbox/api/nope', (b) => b.message ?? b.error],
      ['/scheduler/api/nope', (b) => b.detail],
    ];
    for (const [path, part] of shapes) {
      const answer = await call<Record<string, unknown>>(gateway, 'GET', path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(part(answer.body), path).toBeTruthy();
    }
  });
});

describe('documentation', () => {
  it('has a page and an OpenAPI document per edition, with full paths', async () => {
    for (const edition of ['saas', 'crm', 'bots', 'inbox', 'scheduler']) {
      const document = await must(
        call<{ openapi: string; paths: object }>(gateway, 'GET', `/docs/${edition}/openapi.json`),
        200,
      );
      expect(document.openapi).toMatch(/^3\.1/);
      const yaml = await call(gateway, 'GET', `/docs/${edition}/yaml`);
      expect([edition, yaml.status, String(yaml.body).split('\n')[0]]).toEqual([edition, 200, 'openapi: 3.1.0']);
      const page = await call(gateway, 'GET', `/docs/${edition}`);
      expect([edition, page.status, page.headers['content-type']]).toEqual([
        edition,
        200,
        expect.stringContaining('text/html'),
      ]);
    }
    const crm = await must(call<{ paths: Record<string, unknown> }>(gateway, 'GET', '/docs/crm/openapi.json'), 200);
    expect(Object.keys(crm.paths)).toContain('/v1/chats/{id}/messages');
  });

  it('of internal APIs needs an internal token', async () => {
    for (const service of [
      'identity',
      'channel-connector',
      'conversation',
      'ai-responder',
      'scheduler',
      'analytics',
    ] as const) {
      const refused = await call(mesh.urls[service], 'GET', '/openapi.json');
      expect([service, refused.status]).toEqual([service, 401]);
      const token = internalTokensOf('gateway', mesh.secrets).sign(serviceCaller('gateway', tenant.tenantId), service);
      const document = await must(
        call<{ openapi: string; paths: object }>(mesh.urls[service], 'GET', '/openapi.json', { token }),
        200,
      );
      expect(document.openapi).toMatch(/^3\.1/);
      expect(Object.keys(document.paths).length).toBeGreaterThan(0);
    }
  });
});
