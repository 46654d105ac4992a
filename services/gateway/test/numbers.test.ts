import { channelReason, uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documented } from '../../../tests/support/documents.ts';
import { misfits } from '../../../tests/support/shape.ts';
import { dialects } from '../src/realtime/dialects.ts';
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

const { channel } = samples;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const send = (method: Method, url: string, payload?: object) =>
  gateway.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${accessToken(gateway.fakes)}` },
    ...(payload ? { payload } : {}),
  });
const CRM = `/v1/whatsapp-numbers/${channel.id}`;
const SAAS = `/api/v1/whatsapp/instances/${channel.id}`;
const BOTS = `/bots/api/instances/${channel.id}`;

describe('the documents’ examples of one number', () => {
  it.each([
    ['GET', `${CRM}/status`, undefined, documented('crm', 'GET /whatsapp-numbers/:id/status')],
    [
      'GET',
      `${SAAS}/connection-status`,
      undefined,
      documented('saas', 'GET /whatsapp/instances/:instanceId/connection-status'),
    ],
    ['POST', `${SAAS}/connect`, undefined, documented('saas', 'POST /whatsapp/instances/:instanceId/connect')],
    ['GET', '/bots/api/instances?page=1&limit=10&status=active', undefined, documented('bots', 'GET /api/instances')],
    ['GET', BOTS, undefined, documented('bots', 'GET /api/instances/:id')],
    [
      'PUT',
      BOTS,
      { name: 'Nuevo Nombre', webhookUrl: 'https://nuevo-webhook.com/whatsapp' },
      documented('bots', 'PUT /api/instances/:id'),
    ],
    ['DELETE', BOTS, undefined, documented('bots', 'DELETE /api/instances/:id')],
  ] as const)('%s %s', async (method, url, body, example) => {
    const answer = await send(method, url, body);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
    expect(misfits(example, answer.json())).toEqual([]);
  });
});

it('saas and bots show what the provider said of a number, as crm does', async () => {
  const told = { quality: 'GREEN', messagingLimit: 'TIER_1K', codeVerification: 'VERIFIED' };
  const shown = { ...told, templatesError: 'The token may not read them' };
  expect((await send('GET', '/api/v1/whatsapp/instances')).json().data[0]).toMatchObject(shown);
  expect((await send('GET', BOTS)).json().data).toMatchObject(shown);
  const { health } = (await send('GET', `${SAAS}/connection-status`)).json().data;
  const issue = { entityType: 'WABA', description: 'Not verified', possibleSolution: 'Verify it' };
  expect(health).toMatchObject({ canSendMessage: 'LIMITED', issues: [issue] });
});

describe('why a number does not work', () => {
  const reason = 'El token de acceso no es válido o expiró (Session has expired)';
  const faulty = { ...channel, status: 'error', lastError: channelReason('token_expired', {}, 'Session has expired') };

  it('is said in the language of each edition', async () => {
    const { channel: kept } = samples;
    Object.assign(kept, faulty);
    try {
      expect((await send('GET', '/v1/whatsapp-numbers')).json().data[0]).toMatchObject({ status_reason: reason });
      expect((await send('GET', `${CRM}/status`)).json()).toMatchObject({ last_error: reason });
      expect((await send('GET', SAAS)).json().data).toMatchObject({ statusReason: reason });
      expect((await send('GET', BOTS)).json().data).toMatchObject({ statusReason: reason });
    } finally {
      Object.assign(kept, { status: 'connected', lastError: null });
    }
  });

  it.each([
    ['saas', 'instance:status'],
    ['scheduler', 'whatsapp_status'],
  ] as const)('is said on sockets of %s too', (name, frame) => {
    const { id: channelId, name: title, provider, phone, updatedAt: at } = channel;
    const data = { channelId, name: title, provider, phone, at, status: 'error', reason: faulty.lastError };
    const event = { name: 'channel.status-changed', data, time: at } as never;
    const frames = dialects[name].frames(event, {} as never) as { name: string; payload: object }[];
    expect(frames[0]).toMatchObject({ name: frame, payload: { reason } });
  });
});

describe('crm', () => {
  it('shows the last check in the list and in the state', async () => {
    const issue = { entity_type: 'WABA', can_send_message: 'LIMITED', code: null, description: 'Not verified' };
    const health = {
      ...{ is_healthy: true, response_time_ms: 150, last_check_at: channel.createdAt, can_send_message: 'LIMITED' },
      issues: [{ ...issue, possible_solution: 'Verify it' }],
    };
    expect((await send('GET', '/v1/whatsapp-numbers')).json().data[0].health).toEqual(health);
    expect((await send('GET', `${CRM}/status`)).json()).toMatchObject({ status: 'active', last_error: null, health });
    expect((await send('POST', `${CRM}/disconnect`)).json()).toMatchObject({
      status: 'inactive',
      connection_status: 'disconnected',
      health: { is_healthy: false },
    });
  });

  it('changes what was given, and names a refused token as its document does', async () => {
    const body = { display_name: 'Soporte', daily_message_limit: null };
    expect((await send('PUT', CRM, body)).json()).toMatchObject(body);
    const refused = await send('PUT', CRM, { meta_access_token: 'mistyped' });
    expect(refused.statusCode).toBe(422);
    expect(refused.json().error.details).toEqual([
      { field: 'meta_access_token', message: 'El proveedor no aceptó estas credenciales' },
    ]);
    for (const bad of [{}, { phone_number: '+573001111111' }, { display_name: '' }]) {
      expect((await send('PUT', CRM, bad)).statusCode).toBe(422);
    }
  });

  it('asks for a code and takes it, in six digits', async () => {
    const asked = await send('POST', `${CRM}/request-code`, { method: 'voice' });
    expect([asked.statusCode, asked.json()]).toEqual([200, { message: 'Código enviado al teléfono del número' }]);
    expect((await send('POST', `${CRM}/verify-code`, { code: '123456' })).json()).toMatchObject({ id: channel.id });
    for (const [path, body, field, message] of [
      ['request-code', { method: 'fax' }, 'method', expect.any(String)],
      ['request-code', { method: 'sms', language: 'Spanish' }, 'language', expect.stringContaining('pt_BR')],
      ['verify-code', { code: '123-456' }, 'code', 'Debe tener seis dígitos'],
      ['verify-code', { code: '123456', pin: '12' }, 'pin', 'Debe tener seis dígitos'],
    ] as const) {
      const answer = await send('POST', `${CRM}/${path}`, body);
      expect([answer.statusCode, answer.json().error.details]).toEqual([422, [{ field, message }]]);
    }
  });

  it('says in Spanish why a code is not sent or not taken', async () => {
    const asked = await send('POST', `${CRM}/request-code`, { method: 'sms' });
    expect([asked.statusCode, asked.json().error.message]).toEqual([409, 'Este número ya está verificado']);
    const taken = await send('POST', `${CRM}/verify-code`, { code: '000000' });
    expect([taken.statusCode, taken.json().error.details]).toEqual([
      422,
      [{ field: 'code', message: 'El código no es correcto' }],
    ]);
  });

  it('removes a number without a body', async () => {
    const answer = await send('DELETE', CRM);
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
  });
});

describe('bots', () => {
  const META = {
    name: 'Instancia Principal',
    provider: 'meta',
    phoneNumber: '+51999123456',
    phoneNumberId: '102938475647382',
    accessToken: 'EAAx',
    verifyToken: 'mi_token',
  };

  it('connects a Meta number, and names the provider that it does not connect yet', async () => {
    const made = await send('POST', '/bots/api/instances', META);
    expect(made.statusCode).toBe(201);
    expect(misfits(documented('bots', 'POST /api/instances'), made.json())).toEqual([]);
    const refused = await send('POST', '/bots/api/instances', { name: 'Instancia Principal', provider: 'x' });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().error.details).toEqual([
      { field: 'provider', message: 'Esta versión conecta números de: meta, evolution, wppconnect' },
    ]);
  });

  it('links a phone on the installation’s server by its name alone, and names a server that is not whole', async () => {
    const made = await send('POST', '/bots/api/instances', { name: 'Principal', webhookUrl: 'https://x.example' });
    expect(made.statusCode).toBe(201);
    expect(gateway.fakes.calls.at(-1)).toBe('POST /channels');
    const half = { name: 'Principal', provider: 'wppconnect', serverUrl: 'https://x.example' };
    expect((await send('POST', '/bots/api/instances', half)).json().error.details).toMatchObject([
      { field: 'serverUrl' },
    ]);
  });

  it('finds instances by its own words of status, page by page', async () => {
    const { data, pagination } = (await send('GET', '/bots/api/instances?status=inactive')).json();
    expect([data, pagination]).toEqual([[], { page: 1, limit: 10, total: 0, pages: 0, nextCursor: null }]);
    const second = (await send('GET', '/bots/api/instances?page=2&limit=1')).json();
    expect([second.data, second.pagination.total]).toEqual([[], 1]);
    expect((await send('GET', '/bots/api/instances?status=connected')).statusCode).toBe(400);
  });
});

describe('a number that does not exist', () => {
  it.each([
    ['GET', '/v1/whatsapp-numbers/:id/status', 'Número de WhatsApp no encontrado'],
    ['POST', '/v1/whatsapp-numbers/:id/disconnect', 'Número de WhatsApp no encontrado'],
    ['DELETE', '/v1/whatsapp-numbers/:id', 'Número de WhatsApp no encontrado'],
    ['GET', '/api/v1/whatsapp/instances/:id', 'Instancia no encontrada'],
    ['POST', '/api/v1/whatsapp/instances/:id/connect', 'Instancia no encontrada'],
    ['POST', '/api/v1/whatsapp/instances/:id/disconnect', 'Instancia no encontrada'],
    ['DELETE', '/api/v1/whatsapp/instances/:id', 'Instancia no encontrada'],
    ['GET', '/bots/api/instances/:id', 'Instancia no encontrada'],
    ['DELETE', '/bots/api/instances/:id', 'Instancia no encontrada'],
  ] as const)(
    '%s %s is 404 in the words of its edition, like an id that cannot exist',
    async (method, url, sentence) => {
      for (const id of [uuidv7(), 'x']) {
        const answer = await send(method, url.replace(':id', id));
        expect([answer.statusCode, answer.body]).toEqual([404, expect.stringContaining(sentence)]);
      }
    },
  );
});

describe('the history of a message', () => {
  it('is told in order: accepted, each try and its answer, each status with its price', async () => {
    const detail = (await send('GET', `/v1/messages/${samples.message.id}`)).json();
    expect(detail).toMatchObject({ id: samples.message.id, chat_id: samples.message.conversationId, retried_by: null });
    expect(detail.queue).toEqual({ state: 'sent', next_attempt_at: null });
    expect(detail.history).toMatchObject([
      { event: 'accepted', at: '2026-01-15T10:00:00.000Z' },
      {
        event: 'attempt',
        attempt: 1,
        result: 'retry',
        duration_ms: 40,
        error: { code: '131016', hint: expect.any(String) },
      },
      { event: 'attempt', attempt: 2, result: 'sent', whatsapp_message_id: 'wamid.1', error: null },
      { event: 'status', status: 'delivered', source: 'webhook', price: { billable: true, category: 'service' } },
    ]);
  });

  it('of an unknown message is 404', async () => {
    const answer = await send('GET', `/v1/messages/${uuidv7()}`);
    expect([answer.statusCode, answer.body]).toEqual([404, expect.stringContaining('Mensaje no encontrado')]);
  });
});

describe('the queue of saas', () => {
  it('is counted as its document shows', async () => {
    const stats = (await send('GET', '/api/v1/whatsapp/queue/stats')).json();
    expect(misfits(documented('saas', 'GET /whatsapp/queue/stats'), stats)).toEqual([]);
    expect(stats.data).toMatchObject({ waiting: 5, active: 2, delayed: 0, total: 7 });
  });

  it('sends failed messages again', async () => {
    const answer = await send('POST', '/api/v1/whatsapp/queue/retry-failed');
    expect([answer.statusCode, answer.json().data]).toEqual([200, { retried: 3, skipped: 1 }]);
  });
});
