import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documented } from '../../../tests/support/documents.ts';
import { misfits } from '../../../tests/support/shape.ts';
import { editions } from '../src/editions/index.ts';
import { accessToken } from './access-token.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => {
  gateway.fakes.calls.length = 0;
});

const { channel, conversation, user } = samples;
const credentials = { email: 'admin@hotel.com', password: 'senha123' };
const META_NUMBER = {
  phone_number: '+573001111111',
  display_name: 'Ventas Principal',
  provider: 'meta',
  meta_phone_number_id: '102938475647382',
  meta_business_account_id: '123456789',
  meta_access_token: 'EAAxxxxxxxx',
  webhook_verify_token: 'mi_token_secreto_123',
  daily_message_limit: 1000,
  rate_limit_per_minute: 60,
};
const NEW_USER = {
  email: 'nuevo@empresa.com',
  password: 'password123',
  first_name: 'María',
  last_name: 'González',
  phone: '+573009876543',
  role_id: 3,
  status: 'active',
  max_concurrent_chats: 5,
  auto_assign_enabled: true,
};
const REGISTRATION = {
  ...credentials,
  password: 'SecurePass123',
  name: 'Juan Pérez',
  organizationName: 'Mi Empresa SAS',
};

type Method = 'GET' | 'POST' | 'PUT';
/** The documents' examples, as a frontend sends them. */
const cases: [Method, string, unknown, number, unknown][] = [
  ['POST', '/api/v1/auth/register', REGISTRATION, 201, documented('saas', 'POST /auth/login')],
  ['POST', '/api/v1/auth/login', credentials, 200, documented('saas', 'POST /auth/login')],
  ['POST', '/api/v1/auth/refresh', { refreshToken: 'refresh' }, 200, documented('saas', 'POST /auth/login')],
  ['GET', '/api/v1/auth/me', undefined, 200, documented('saas', 'GET /auth/me')],
  ['GET', '/api/v1', undefined, 200, documented('saas', 'GET /')],
  ['GET', '/', undefined, 200, documented('saas', 'GET /')],
  ['GET', '/api/v1/health', undefined, 200, documented('saas', 'GET /health')],
  ['GET', '/health', undefined, 200, documented('saas', 'GET /health')],
  ['GET', '/api/v1/tenant', undefined, 200, documented('saas', 'GET /tenant')],
  ['GET', '/api/v1/whatsapp/instances', undefined, 200, documented('saas', 'GET /whatsapp/instances')],
  [
    'POST',
    `/api/v1/whatsapp/instances/${channel.id}/messages/send`,
    { to: '51999888777', text: 'Hola! Este es un mensaje de prueba' },
    201,
    documented('saas', 'POST /whatsapp/instances/:instanceId/messages/send'),
  ],
  [
    'GET',
    `/api/v1/whatsapp/instances/${channel.id}/conversations?status=active`,
    undefined,
    200,
    documented('saas', 'GET /whatsapp/instances/:instanceId/conversations'),
  ],
  [
    'GET',
    `/api/v1/whatsapp/conversations/${conversation.id}/messages?limit=50&offset=0`,
    undefined,
    200,
    documented('saas', 'GET /whatsapp/conversations/:conversationId/messages'),
  ],
  ['GET', '/api/v1/ai/config', undefined, 200, documented('saas', 'GET /ai/config')],
  [
    'PUT',
    '/api/v1/ai/config',
    {
      personality: 'professional',
      systemPrompt: 'Eres un asistente profesional...',
      settings: { temperature: 0.5, maxTokens: 200 },
      keywords: ['consulta', 'servicio', 'cotización'],
    },
    200,
    documented('saas', 'GET /ai/config'),
  ],
  ['POST', '/api/v1/ai/toggle', { enabled: true }, 200, documented('saas', 'GET /ai/config')],
  [
    'POST',
    '/api/v1/ai/test',
    { message: '¿Cuáles son sus horarios de atención?', context: ['Hola', 'Hola, ¿en qué puedo ayudarte?'] },
    200,
    documented('saas', 'POST /ai/test'),
  ],
  [
    'GET',
    '/api/v1/analytics/realtime',
    undefined,
    200,
    {
      message: '',
      data: { messagessentToday: 234, messagesReceivedToday: 456, failedMessagesToday: 2, activeConversations: 67 },
    },
  ],
  ['POST', '/v1/auth/login', credentials, 200, documented('crm', 'POST /auth/login')],
  ['POST', '/v1/users', NEW_USER, 201, documented('crm', 'POST /users')],
  ['POST', '/v1/whatsapp-numbers', META_NUMBER, 201, documented('crm', 'POST /whatsapp-numbers')],
  [
    'GET',
    '/v1/whatsapp-numbers?status=active&provider=meta',
    undefined,
    200,
    documented('crm', 'GET /whatsapp-numbers'),
  ],
  [
    'GET',
    `/v1/chats?status=active&assigned_agent_id=${user.id}&page=1&limit=20`,
    undefined,
    200,
    documented('crm', 'GET /chats'),
  ],
  ['GET', `/v1/chats/${conversation.id}`, undefined, 200, documented('crm', 'GET /chats/:id')],
  [
    'GET',
    `/v1/chats/${conversation.id}/messages?page=1&limit=50`,
    undefined,
    200,
    documented('crm', 'GET /chats/:id/messages'),
  ],
  [
    'POST',
    '/v1/messages',
    { chat_id: conversation.id, message_type: 'text', content: 'Hola, ¿en qué puedo ayudarte?' },
    201,
    documented('crm', 'POST /messages'),
  ],
  ['POST', '/inbox/auth/login', credentials, 200, documented('inbox', 'POST /auth/login')],
];

const send = (method: Method, url: string, payload: unknown, token = accessToken(gateway.fakes)) =>
  gateway.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}` },
    ...(payload === undefined ? {} : { payload: payload as object }),
  });

describe('the documents’ examples', () => {
  it.each(cases)('%s %s', async (method, url, payload, status, example) => {
    const answer = await send(method, url, payload);
    expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
    expect(misfits(example, answer.json())).toEqual([]);
  });

  it.each(cases)('%s %s answers as its own OpenAPI document says', async (method, url, payload, status) => {
    const path = url.split('?', 1)[0]!;
    const matching = Object.values(editions).flatMap((edition) =>
      edition.routes
        .filter((route) => route.method === method)
        .filter((route) =>
          new RegExp(`^(${edition.prefix})?${route.path.replace(/:\w+/g, '[^/]+')}$`).test(path.replace(/^$/, '/')),
        )
        .map((route) => route),
    );
    const schema = matching[0]?.responses[status];
    if (path === '/api/v1') return;
    expect(schema?.safeParse((await send(method, url, payload)).json()).error).toBeUndefined();
  });
});

describe('mappings', () => {
  it('crm shows a chat’s agent and number by name', async () => {
    const [chat] = (await send('GET', '/v1/chats', undefined)).json().data;
    expect(chat).toMatchObject({
      client: { first_name: 'Carlos', last_name: 'Rodríguez', phone_number: '+51999888777' },
      whatsapp_number: { id: channel.id, phone_number: '+51999123456' },
      assigned_agent: { id: user.id, first_name: 'Juan', last_name: 'Pérez' },
      status: 'assigned',
      priority: 'normal',
    });
  });

  it('a page of chats of any length costs one call to each service', async () => {
    const fresh = await startTestGateway();
    try {
      const headers = { authorization: `Bearer ${accessToken(fresh.fakes)}` };
      const page = await fresh.app.inject({ url: '/v1/chats?limit=20', headers });
      expect(page.json().data).toHaveLength(20);
      const paths = fresh.fakes.calls.map((call) => call.split('?', 1)[0]).filter((path) => !path!.includes('jwks'));
      expect(paths.sort()).toEqual(['GET /channels', 'GET /conversations', 'GET /tenant', 'GET /users']);
    } finally {
      await fresh.close();
    }
  });

  it('crm’s detail has the times in seconds', async () => {
    const chat = (await send('GET', `/v1/chats/${conversation.id}`, undefined)).json();
    expect(chat.metrics).toEqual({ wait_time_seconds: 45, first_response_time_seconds: 60, handling_time_seconds: 0 });
    expect(chat.assigned_agent.agent_status).toBe('available');
  });

  it('crm’s pages are counted', async () => {
    const { meta } = (await send('GET', '/v1/chats?page=2&limit=20', undefined)).json();
    expect(meta).toEqual({ current_page: 2, per_page: 20, total: 45, total_pages: 3, next_cursor: null });
  });

  it('a day in a filter begins and ends in the tenant’s time zone', async () => {
    await send('GET', '/v1/chats?from_date=2026-01-10&to_date=2026-01-11', undefined);
    const call = gateway.fakes.calls.find((line) => line.startsWith('GET /conversations?'))!;
    const query = new URLSearchParams(call.split('?')[1]);
    expect([query.get('from'), query.get('to')]).toEqual(['2026-01-10T05:00:00.000Z', '2026-01-12T04:59:59.999Z']);
  });

  it('saas shows digits, crm the plus sign', async () => {
    const instance = (await send('GET', '/api/v1/whatsapp/instances', undefined)).json().data[0];
    expect(instance).toMatchObject({ phoneNumber: '51999123456', instanceKey: channel.key, status: 'connected' });
    const number = (await send('GET', '/v1/whatsapp-numbers', undefined)).json().data[0];
    expect(number).toMatchObject({ phone_number: '+51999123456', status: 'active', connection_status: 'connected' });
  });

  it.each([
    [1, 'admin'],
    ['2', 'supervisor'],
    [3, 'agent'],
    ['agent', 'agent'],
  ])('crm’s role_id %j is %s', async (role_id, role) => {
    const made = (await send('POST', '/v1/users', { ...NEW_USER, role_id })).json();
    expect(made.role).toMatchObject({ id: role, name: role });
  });

  it('the webhook URL is where providers reach the gateway', async () => {
    const made = (await send('POST', '/v1/whatsapp-numbers', META_NUMBER)).json();
    expect(made.webhook_url).toBe(`https://api.example.com/v1/webhooks/whatsapp/meta/${made.id}`);
  });

  it('an unknown instance is 404 before anything is sent', async () => {
    const answer = await send('POST', '/api/v1/whatsapp/instances/019aa000-0000-7000-8000-000000000000/messages/send', {
      to: '51999888777',
      text: 'Hola',
    });
    expect(answer.statusCode).toBe(404);
    expect(gateway.fakes.calls.filter((call) => call.startsWith('POST'))).toEqual([]);
  });
});

describe('the edge', () => {
  it('passes on only the token’s caller, with any headers', async () => {
    const answer = await gateway.app.inject({
      url: '/api/v1/auth/me',
      headers: {
        authorization: `Bearer ${accessToken(gateway.fakes)}`,
        'x-tenant-id': 'other',
        'x-tenant-slug': 'other',
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-host': 'bots.localhost',
      },
    });
    expect(answer.json().data.tenantId).toBe(samples.tenant.id);
  });

  it('keeps a valid request id, else makes one', async () => {
    const id = async (given: string) =>
      (await gateway.app.inject({ url: '/', headers: { 'x-request-id': given } })).headers['x-request-id'];
    expect(await id('frontend-12345')).toBe('frontend-12345');
    expect(await id('bad id\twith spaces')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('lets known origins in and no others', async () => {
    const allowed = async (origin: string) =>
      (await gateway.app.inject({ url: '/v1/chats', headers: { origin } })).headers['access-control-allow-origin'];
    expect(await allowed('http://localhost:5173')).toBe('http://localhost:5173');
    expect(await allowed('https://evil.example')).toBeUndefined();
    expect(await allowed('http://localhost.evil.example')).toBeUndefined();
  });

  it('shows metrics to its own machine, not through a proxy', async () => {
    const read = async (headers: Record<string, string>) =>
      (await gateway.app.inject({ url: '/metrics', headers, remoteAddress: '127.0.0.1' })).statusCode;
    expect(await read({})).toBe(200);
    expect(await read({ 'x-forwarded-for': '1.2.3.4' })).toBe(401);
  });

  it('reports the measured health', async () => {
    const away = await startTestGateway({
      REDIS_URL: 'redis://127.0.0.1:1',
      RECADO_ANALYTICS_URL: 'http://127.0.0.1:1',
    });
    try {
      const answer = await away.app.inject({ url: '/health' });
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toMatchObject({
        statusCode: 503,
        status: 'error',
        services: { api: 'error', database: 'ok', redis: 'error' },
        details: { database: { connected: true }, redis: { connected: false }, openai: { configured: false } },
      });
    } finally {
      await away.close();
    }
  });
});
