import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessToken } from './access-token.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());

type Body = Record<string, unknown>;
interface Detail {
  field: string;
  message: string;
}

/** How each edition's document says an error. */
const editions = [
  {
    name: 'saas',
    prefix: '/api/v1',
    login: '/auth/login',
    validation: 400,
    required: 'Este campo es obligatorio',
    check: (body: Body, status: number) => {
      expect(body).toEqual({
        statusCode: status,
        message: expect.any(String),
        ...('errors' in body ? { errors: expect.any(Array) } : {}),
      });
    },
    details: (body: Body): Detail[] => (body.errors ?? []) as Detail[],
  },
  {
    name: 'crm',
    prefix: '/v1',
    login: '/auth/login',
    validation: 422,
    required: 'Este campo es obligatorio',
    check: ({ error }: Body) =>
      expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), message: expect.any(String) }),
    details: (body: Body): Detail[] => ((body.error as Body).details ?? []) as Detail[],
  },
  {
    name: 'bots',
    prefix: '/bots',
    login: '/api/auth/login',
    validation: 400,
    required: 'Este campo es obligatorio',
    check: (body: Body) =>
      expect(body).toMatchObject({
        success: false,
        error: { type: expect.stringMatching(/Error$/), message: expect.any(String) },
      }),
    details: (body: Body): Detail[] => ((body.error as Body).details ?? []) as Detail[],
  },
  {
    name: 'inbox',
    prefix: '/inbox',
    login: '/auth/login',
    validation: 400,
    required: 'Este campo é obrigatório',
    check: (body: Body, status: number) =>
      expect(body).toMatchObject({ statusCode: status, error: expect.any(String), message: expect.any(String) }),
    details: (body: Body): Detail[] => (body.errors ?? []) as Detail[],
  },
  {
    name: 'scheduler',
    prefix: '/scheduler',
    login: '/api/auth/login',
    validation: 422,
    required: 'Este campo es obligatorio',
    check: (body: Body) => expect(Object.keys(body)).toEqual(['detail']),
    details: (body: Body): Detail[] => (Array.isArray(body.detail) ? (body.detail as Detail[]) : []),
  },
];

const good = { email: 'admin@hotel.com', password: 'senha123' };

describe.each(editions)(
  '$name answers in its own error body',
  ({ prefix, login, validation, required, check, details }) => {
    const send = async (payload: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) => {
      const text = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
      const answer = await gateway.app.inject({ method: 'POST', url: prefix + login, headers, payload: text });
      return { status: answer.statusCode, body: answer.json<Body>(), headers: answer.headers };
    };

    it.each([
      ['a path nobody has', 'GET', '/nothing/here', 404],
      ['a bad percent escape', 'GET', '/%', 400],
    ] as const)('%s', async (_what, method, path, status) => {
      const answer = await gateway.app.inject({ method, url: prefix + path });
      expect(answer.statusCode).toBe(status);
      check(answer.json(), status);
    });

    it('a wrong method, with the allowed ones', async () => {
      const answer = await gateway.app.inject({ method: 'DELETE', url: prefix + login });
      expect(answer.statusCode).toBe(405);
      expect(answer.headers.allow).toBe('POST');
      check(answer.json(), 405);
    });

    it.each([
      ['JSON that is none', '{bad', 400],
      ['__proto__', '{"__proto__":{"admin":true}}', 400],
      ['a constructor’s prototype', '{"constructor":{"prototype":{"admin":true}}}', 400],
      ['2 MB', `"${'x'.repeat(2 * 1024 * 1024)}"`, 413],
    ])('%s', async (_what, payload, status) => {
      const { status: got, body } = await send(payload);
      expect(got).toBe(status);
      check(body, status);
    });

    it.each(['text/xml', 'application/jsonx', 'application/json/x', 'text/plain'])('content type %s', async (type) => {
      const { status, body } = await send('{}', { 'content-type': type });
      expect(status).toBe(415);
      check(body, 415);
    });

    it('every bad field at once, unknown keys by their name', async () => {
      const { status, body } = await send({ email: 'x', tenant_id: 'mine', role: 'admin' });
      expect(status).toBe(validation);
      check(body, validation);
      expect(
        details(body)
          .map(({ field }) => field)
          .sort(),
      ).toEqual(['email', 'password', 'role', 'tenant_id']);
      expect(details(body)).toContainEqual({ field: 'password', message: required });
    });

    it('a NUL character, naming its field', async () => {
      const { status, body } = await send({ ...good, password: 'a\u0000b' });
      expect(status).toBe(validation);
      expect(details(body).map(({ field }) => field)).toEqual(['password']);
    });

    it.each(['constructor', 'toString', 'hasOwnProperty'])('a bad field that is called %s', async (name) => {
      const { status, body } = await send(`{"${name}":"a\\u0000b"}`);
      expect(status).toBe(validation);
      expect(details(body)).toEqual([{ field: expect.any(String), message: expect.any(String) }]);
      check(body, validation);
    });

    it.each(['null', '[]', '"text"', '7'])('a body that is %s', async (payload) => {
      const { status, body } = await send(payload);
      expect(status).toBe(validation);
      check(body, validation);
    });

    it('a wrong password', async () => {
      const { status, body } = await send({ ...good, password: 'wrong' });
      expect(status).toBe(401);
      check(body, 401);
      expect(JSON.stringify(body)).not.toContain('Wrong e-mail');
    });

    it('bodies nested deeper than any stack', async () => {
      const { status, body } = await send(`${'['.repeat(400_000)}"\\u0000"${']'.repeat(400_000)}`);
      expect([400, validation]).toContain(status);
      check(body, status);
    });
  },
);

describe('the sentences that a document shows for a bad field', () => {
  const bots = {
    company: { name: 'Hotel', email: 'x' },
    admin: { email: 'x', password: 'corta', firstName: 'Ana', lastName: 'Paz' },
  };

  it.each([
    [
      'saas',
      '/api/v1/auth/login',
      { email: 'x', password: 'x' },
      400,
      { message: 'Validation failed' },
      ['Email inválido'],
    ],
    [
      'bots',
      '/bots/api/auth/register',
      bots,
      400,
      { success: false, error: { type: 'ValidationError', message: 'Los datos proporcionados no son válidos' } },
      ['El email debe tener un formato válido', 'La contraseña debe tener al menos 8 caracteres'],
    ],
  ])('are in the answers of %s', async (_name, url, payload, status, body, sentences) => {
    const answer = await gateway.app.inject({ method: 'POST', url, payload });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject(body);
    for (const sentence of sentences) expect(answer.body).toContain(`"${sentence}"`);
  });

  it('are in the answers of crm', async () => {
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/v1/users',
      headers: { authorization: `Bearer ${accessToken(gateway.fakes)}` },
      payload: { email: 'x', password: 'corta', first_name: 'Ana' },
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toEqual({
      error: {
        code: 'VALIDATION_ERROR',
        message: 'Error de validación en los datos enviados',
        details: [
          { field: 'email', message: 'El email no es válido' },
          { field: 'password', message: 'La contraseña debe tener al menos 8 caracteres' },
        ],
      },
    });
  });
});

describe('errors of the services', () => {
  const bearer = () => ({ authorization: `Bearer ${accessToken(gateway.fakes)}` });

  it('come in the edition’s words: a closed window, a taken e-mail, a missing permission', async () => {
    const { conversation } = (await import('./samples.ts')).samples;
    const late = await gateway.app.inject({
      method: 'POST',
      url: '/v1/messages',
      headers: bearer(),
      payload: { chat_id: conversation.id, message_type: 'text', content: 'tarde' },
    });
    expect(late.statusCode).toBe(422);
    expect(late.json()).toEqual({
      error: { code: 'OUTSIDE_WINDOW', message: expect.stringContaining('24 horas') },
    });
    const taken = await gateway.app.inject({
      method: 'POST',
      url: '/v1/users',
      headers: bearer(),
      payload: { email: 'admin@hotel.com', password: 'password123', first_name: 'Ana', role_id: 3 },
    });
    expect(taken.statusCode).toBe(409);
    expect(taken.json()).toEqual({ error: { code: 'CONFLICT', message: 'Ya existe una cuenta con este email' } });
    const agent = accessToken(gateway.fakes, { role: 'agent' });
    const forbidden = await gateway.app.inject({
      method: 'GET',
      url: '/api/v1/analytics/realtime',
      headers: { authorization: `Bearer ${agent}` },
    });
    expect(forbidden.statusCode).toBe(403);
    expect(forbidden.json()).toMatchObject({ statusCode: 403 });
  });

  it('name fields as the route spells them, in the edition’s language', async () => {
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/v1/whatsapp-numbers',
      headers: bearer(),
      payload: {
        provider: 'meta',
        phone_number: '+99912345',
        display_name: 'Ventas',
        meta_phone_number_id: '102938475647382',
        meta_access_token: 'EAAx',
        webhook_verify_token: 'x',
      },
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error.details).toEqual([
      { field: 'phone_number', message: 'Teléfono inválido' },
      { field: 'display_name', message: 'El valor no es válido' },
      { field: 'rate_limit_per_minute', message: 'Debe ser menor o igual que 60' },
    ]);
  });

  it('give the same 404, byte for byte, for an unknown id and an impossible one', async () => {
    const [missing, impossible] = await Promise.all(
      ['019aa000-0000-7000-8000-000000000000', '123'].map((id) =>
        gateway.app.inject({ url: `/v1/chats/${id}`, headers: bearer() }),
      ),
    );
    expect(missing!.statusCode).toBe(404);
    expect(impossible!.body).toBe(missing!.body);
  });

  it('name the file that a message with a picture needs', async () => {
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/v1/messages',
      headers: bearer(),
      payload: { chat_id: '019aa000-0000-7000-8000-000000000000', message_type: 'image', media_file_id: 456 },
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error.details).toEqual([{ field: 'media_file_id', message: 'Debe ser un texto' }]);
  });
});
