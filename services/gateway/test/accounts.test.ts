import { PERMISSION_NAMES, permissionsOf } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documented, documentedShape } from '../../../tests/support/documents.ts';
import { misfits } from '../../../tests/support/shape.ts';
import { editions } from '../src/editions/index.ts';
import { accessToken, type TokenChanges } from './access-token.ts';
import {
  apiKey,
  BROKEN_AT_ONCE,
  BROKEN_LATER,
  CHALLENGE,
  customRole,
  notification,
  TWO_FACTOR_CODE,
  TWO_FACTOR_EMAIL,
} from './fake-accounts.ts';
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

const { tenant, user } = samples;
const MISSING = '019aa000-0000-7000-8000-000000000000';
const credentials = { email: 'admin@hotel.com', password: 'senha123' };
const inboxHeaders = { 'x-tenant-slug': tenant.slug };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
interface SendOptions {
  token?: TokenChanges | null;
  headers?: Record<string, string>;
}
const send = (method: Method, url: string, payload?: unknown, { token = {}, headers = {} }: SendOptions = {}) =>
  gateway.app.inject({
    method,
    url,
    headers: { ...(token ? { authorization: `Bearer ${accessToken(gateway.fakes, token)}` } : {}), ...headers },
    ...(payload === undefined ? {} : { payload: payload as object }),
  });

/** The documents' examples, as a frontend sends them; null: the document shows no answer. */
const cases: [Method, string, unknown, number, unknown][] = [
  ['POST', '/api/v1/auth/logout', undefined, 200, { message: 'Logout successful' }],
  [
    'PUT',
    '/api/v1/auth/change-password',
    { currentPassword: 'senha123', newPassword: 'SecurePass123' },
    200,
    { message: '' },
  ],
  [
    'PUT',
    '/api/v1/tenant',
    { name: 'Nuevo Nombre SAS', settings: { timezone: 'America/Lima', language: 'es' } },
    200,
    { ...documented('saas', 'GET /tenant'), message: 'Tenant updated successfully' },
  ],
  ['GET', '/api/v1/tenant/usage', undefined, 200, documented('saas', 'GET /tenant/usage')],
  ['GET', '/api/v1/tenant/users', undefined, 200, documented('saas', 'GET /tenant/users')],
  ['GET', '/api/v1/tenant/dashboard', undefined, 200, documented('saas', 'GET /tenant/dashboard')],
  ['GET', '/api/v1/whatsapp/rate-limit/usage', undefined, 200, documented('saas', 'GET /whatsapp/rate-limit/usage')],

  [
    'POST',
    '/bots/api/auth/register',
    {
      company: { name: 'Nombre de la Empresa', email: 'empresa@ejemplo.com', plan: 'starter' },
      admin: { email: 'admin@ejemplo.com', password: 'Password123!', firstName: 'Nombre', lastName: 'Apellido' },
    },
    201,
    documented('bots', 'POST /api/auth/register'),
  ],
  ['POST', '/bots/api/auth/login', credentials, 200, documented('bots', 'POST /api/auth/login')],
  ['GET', '/bots/api/auth/me', undefined, 200, documented('bots', 'GET /api/auth/me')],
  ['POST', '/bots/api/auth/refresh', undefined, 200, documented('bots', 'POST /api/auth/refresh')],
  [
    'POST',
    '/bots/api/auth/change-password',
    { currentPassword: 'senha123', newPassword: 'NewPassword456!' },
    200,
    documented('bots', 'POST /api/auth/change-password'),
  ],
  ['POST', '/bots/api/auth/logout', undefined, 200, documented('bots', 'POST /api/auth/logout')],
  ['GET', '/bots/api/health', undefined, 200, documented('bots', 'GET /api/health')],
  ['GET', '/bots/api/system/info', undefined, 200, documented('bots', 'GET /api/system/info')],

  ['POST', '/v1/auth/refresh', { refresh_token: 'eyJ' }, 200, documented('crm', 'POST /auth/refresh')],
  ['POST', '/v1/auth/logout', undefined, 200, documented('crm', 'POST /auth/logout')],
  [
    'PUT',
    '/v1/auth/change-password',
    { current_password: 'senha123', new_password: 'newpass456' },
    200,
    documented('crm', 'PUT /auth/change-password'),
  ],
  ['POST', '/v1/auth/2fa/enable', undefined, 200, documented('crm', 'POST /auth/2fa/enable')],
  ['POST', '/v1/auth/2fa/verify', { code: TWO_FACTOR_CODE }, 200, { message: '' }],
  [
    'POST',
    '/v1/auth/2fa/verify',
    { challenge_token: CHALLENGE, code: TWO_FACTOR_CODE },
    200,
    documented('crm', 'POST /auth/login'),
  ],
  ['POST', '/v1/auth/2fa/disable', { password: 'senha123', code: TWO_FACTOR_CODE }, 200, { message: '' }],
  [
    'GET',
    '/v1/users?page=1&limit=20&role=agent&status=active&search=juan',
    undefined,
    200,
    documented('crm', 'GET /users'),
  ],
  ['GET', `/v1/users/${user.id}`, undefined, 200, documented('crm', 'GET /users/:id')],
  [
    'PUT',
    `/v1/users/${user.id}`,
    {
      first_name: 'María',
      last_name: 'González',
      phone: '+573009876543',
      status: 'active',
      max_concurrent_chats: 7,
    },
    200,
    documented('crm', 'GET /users/:id'),
  ],
  ['DELETE', `/v1/users/${user.id}`, undefined, 204, null],
  [
    'POST',
    `/v1/users/${user.id}/agent-status`,
    { agent_status: 'paused', agent_status_reason: 'Almuerzo' },
    200,
    documented('crm', 'POST /users/:id/agent-status'),
  ],
  ['GET', `/v1/users/${user.id}/agent-status`, undefined, 200, { data: [], meta: {} }],
  ['GET', '/v1/users/me', undefined, 200, documented('crm', 'GET /users/:id')],
  ['PUT', '/v1/users/me', { first_name: 'Juan', phone: '+573001234567' }, 200, documented('crm', 'GET /users/:id')],
  [
    'GET',
    `/v1/audit-logs?user_id=${user.id}&action=chat.transfer&entity_type=Chat&from_date=2025-11-01&page=1&limit=50`,
    undefined,
    200,
    documented('crm', 'GET /audit-logs'),
  ],
  ['GET', '/v1/roles', undefined, 200, { data: [{ id: '', name: '', display_name: '' }] }],
  ['POST', '/v1/roles', { name: 'ventas', display_name: 'Ventas', permissions: ['chats.read'] }, 201, { id: '' }],
  ['PUT', `/v1/roles/${customRole.id}`, { permissions: ['chats.read'] }, 200, { id: '' }],
  ['DELETE', `/v1/roles/${customRole.id}`, undefined, 204, null],
  ['GET', '/v1/api-keys', undefined, 200, { data: [{ id: '', prefix: '' }], meta: {} }],
  ['POST', '/v1/api-keys', { name: 'ERP', permissions: ['messages.create'] }, 201, { id: '', key: '' }],
  ['DELETE', `/v1/api-keys/${apiKey.id}`, undefined, 204, null],
  ['GET', '/v1/notifications', undefined, 200, { data: [{ id: '', title: '', is_read: false }], meta: {} }],
  ['POST', `/v1/notifications/${notification.id}/read`, undefined, 200, { id: '', is_read: true }],

  [
    'POST',
    '/inbox/auth/register',
    {
      tenantName: 'Hotel ABC',
      tenantSlug: 'hotel-abc',
      userName: 'Admin',
      email: 'admin@hotel.com',
      password: 'senha123',
    },
    201,
    documented('inbox', 'POST /auth/login'),
  ],
  [
    'GET',
    '/inbox/auth/me',
    undefined,
    200,
    { user: documented('inbox', 'POST /auth/login').user, tenant: documented('inbox', 'POST /auth/login').tenant },
  ],
  ['POST', '/inbox/auth/logout', undefined, 200, { message: '' }],
  [
    'PUT',
    '/inbox/auth/change-password',
    { currentPassword: 'senha123', newPassword: 'outra-senha-9' },
    200,
    { message: '' },
  ],
  ['GET', '/inbox/api/notifications', undefined, 200, { data: [{ id: '' }], pagination: { total: 2, pages: 1 } }],
  ['POST', `/inbox/api/notifications/${notification.id}/read`, undefined, 204, null],

  ['POST', '/scheduler/api/auth/login', credentials, 200, { access_token: '', user: { id: '' } }],
  ['POST', '/scheduler/api/auth/logout', undefined, 200, { message: '' }],
  ['POST', '/scheduler/api/auth/refresh', undefined, 200, { access_token: '', token_type: '', expires_in: 1 }],
  ['GET', '/scheduler/api/auth/me', undefined, 200, { id: '', email: '', name: '', role: '' }],
  [
    'GET',
    '/scheduler/api/notifications',
    undefined,
    200,
    { data: [documentedShape('scheduler', 'Notificación')], pagination: {} },
  ],
  [
    'POST',
    `/scheduler/api/notifications/mark-read/${notification.id}`,
    undefined,
    200,
    documentedShape('scheduler', 'Notificación'),
  ],
  ['DELETE', `/scheduler/api/notifications/${notification.id}`, undefined, 204, null],
  ['GET', '/scheduler/api/notifications/unread-count', undefined, 200, { count: 2 }],
  ['GET', '/scheduler/api/health', undefined, 200, { status: '' }],
  ['GET', '/scheduler/api/health/db', undefined, 200, { status: '' }],
  ['GET', '/scheduler/api/health/whatsapp', undefined, 200, { status: '' }],
  ['GET', '/scheduler/api/health/redis', undefined, 200, { status: '' }],
];

describe('the documents’ examples', () => {
  it.each(cases)('%s %s', async (method, url, payload, status, example) => {
    const answer = await send(method, url, payload, { headers: url.startsWith('/inbox') ? inboxHeaders : {} });
    expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
    if (status === 204) return expect(answer.body).toBe('');
    expect(misfits(example, answer.json())).toEqual([]);
    const path = url.split('?', 1)[0]!;
    const route = Object.values(editions)
      .flatMap(({ prefix, routes }) => routes.map((it) => ({ ...it, path: prefix + it.path })))
      .filter((it) => it.method === method)
      .find((it) => new RegExp(`^${it.path.replace(/:\w+/g, '[^/]+')}$`).test(path));
    expect(route?.responses[status]?.safeParse(answer.json()).error).toBeUndefined();
  });

  it('have the documents’ sentences', async () => {
    for (const [method, url, payload, , example] of cases) {
      const { message } = (example ?? {}) as { message?: string };
      // scheduler.md's notification is a schema, not a sentence.
      if (!message || message === 'string') continue;
      const answer = await send(method, url, payload, { headers: inboxHeaders });
      expect([url, answer.json().message]).toEqual([url, message]);
    }
  });

  it('need a token', async () => {
    for (const [method, url, payload] of cases) {
      if (/login|register|health|refresh_token|\/v1\/auth\/refresh/.test(url)) continue;
      if (JSON.stringify(payload)?.includes('challenge_token')) continue;
      const answer = await send(method, url, payload, { token: null, headers: inboxHeaders });
      expect([url, answer.statusCode]).toEqual([url, 401]);
    }
  });
});

describe('saas', () => {
  it('counts what the plan limits, in the tenant’s month', async () => {
    const { data } = (await send('GET', '/api/v1/tenant/usage')).json();
    expect(data.usage).toEqual({
      users: { current: 1, limit: 20, percentage: 5 },
      instances: { current: 2, limit: 5, percentage: 40 },
      messages: { current: 5420, limit: 20_000, percentage: 27 },
      conversations: { current: 127, limit: 1000, percentage: 13 },
    });
    expect(data.period).toEqual({ start: '2026-01-01T05:00:00Z', end: '2026-02-01T04:59:59Z' });
  });

  it('shows thirty days of messages, days without any as 0', async () => {
    const { data } = (await send('GET', '/api/v1/tenant/dashboard')).json();
    expect(data.overview).toEqual({
      totalUsers: 1,
      totalInstances: 2,
      connectedInstances: 1,
      totalMessages: 5420,
      activeConversations: 127,
    });
    expect(data.messageChart).toHaveLength(60);
    const last = data.messageChart.slice(-2);
    expect(last).toEqual([
      { date: last[0].date, count: 234, direction: 'inbound' },
      { date: last[0].date, count: 7, direction: 'outbound' },
    ]);
    expect(data.messageChart[0].count).toBe(0);
  });

  it('reads time zone and language from the settings, because they take effect', async () => {
    const settings = { timezone: 'America/Bogota', language: 'pt', color: 'azul' };
    const { data } = (await send('PUT', '/api/v1/tenant', { settings })).json();
    expect(data.settings).toMatchObject(settings);
    const bad = await send('PUT', '/api/v1/tenant', { settings: { timezone: 'Mars/Olympus' } });
    expect(bad.statusCode).toBe(400);
    expect(bad.json().errors).toEqual([{ field: 'settings.timezone', message: 'La zona horaria no existe' }]);
    const huge = await send('PUT', '/api/v1/tenant', { settings: { huge: true } });
    expect(huge.json().errors).toEqual([{ field: 'settings', message: 'Es demasiado grande' }]);
  });

  it('pages users when asked to', async () => {
    await send('GET', '/api/v1/tenant/users?page=2&limit=10');
    expect(gateway.fakes.calls).toContain('GET /users?page=2&limit=10');
  });
});

describe('bots', () => {
  it('lists every bad field of a registration, and the missing parts of a password', async () => {
    const answer = await send(
      'POST',
      '/bots/api/auth/register',
      {
        company: { name: 'x', email: 'nadie', plan: 'pro' },
        admin: { email: 'nadie', password: 'corta', firstName: 'A', lastName: '' },
      },
      { token: null },
    );
    expect(answer.statusCode).toBe(400);
    const { error } = answer.json();
    expect(error).toMatchObject({ type: 'ValidationError', message: 'Los datos proporcionados no son válidos' });
    const fields = (error.details as { field: string; message: string }[]).map(({ field }) => field);
    expect(new Set(fields)).toEqual(
      new Set([
        'company.name',
        'company.email',
        'company.plan',
        'admin.email',
        'admin.password',
        'admin.firstName',
        'admin.lastName',
      ]),
    );
    expect(
      error.details
        .filter(({ field }: { field: string }) => field === 'admin.password')
        .map((d: { message: string }) => d.message),
    ).toEqual([
      'La contraseña debe tener al menos 8 caracteres',
      'La contraseña debe incluir una letra mayúscula',
      'La contraseña debe incluir un número',
      'La contraseña debe incluir un símbolo',
    ]);
  });

  it('registers with the plan starter when none is named', async () => {
    const answer = await send('POST', '/bots/api/auth/register', {
      company: { name: 'Mi Empresa', email: 'empresa@ejemplo.com' },
      admin: { email: 'admin@ejemplo.com', password: 'Password123!', firstName: 'Juan', lastName: 'Pérez' },
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.json().data.company.email).toBe('empresa@ejemplo.com');
  });

  it('says how long to wait after too many log-ins', async () => {
    const body = { ...credentials, password: 'otra-vez' };
    const answer = await send('POST', '/bots/api/auth/login', body, { token: null });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '900']);
    expect(answer.json()).toEqual({
      success: false,
      error: { type: 'RateLimitError', message: 'Demasiadas solicitudes. Intenta de nuevo en 15 minutos' },
    });
  });

  it('uses its own names for roles', async () => {
    const { data } = (await send('GET', '/bots/api/auth/me')).json();
    expect(data.user.role).toBe('admin');
  });

  it('shows the measured system only to admins', async () => {
    const { data } = (await send('GET', '/bots/api/system/info')).json();
    expect(data).toMatchObject({
      environment: 'development',
      node: process.versions.node,
      database: { status: 'connected', tables: 7, connections: 5 },
    });
    expect(data.memory.used).toMatch(/^\d+MB$/);
    expect(data.services.openai.model).toBe('gpt-3.5-turbo');
    const agent = await send('GET', '/bots/api/system/info', undefined, { token: { role: 'supervisor' } });
    expect(agent.statusCode).toBe(403);
    expect(agent.json().error.type).toBe('AuthorizationError');
  });
});

describe('crm', () => {
  it('finds users by role: built in, by number, by a custom role’s id or name', async () => {
    const asked = async (role: string) => {
      gateway.fakes.calls.length = 0;
      const answer = await send('GET', `/v1/users?role=${role}`);
      const call = gateway.fakes.calls.find((line) => line.startsWith('GET /users?'));
      return [answer.statusCode, call ? Object.fromEntries(new URLSearchParams(call.split('?')[1])) : null];
    };
    const page = { page: '1', limit: '20' };
    expect(await asked('agent')).toEqual([200, { ...page, role: 'agent' }]);
    expect(await asked('2')).toEqual([200, { ...page, role: 'supervisor' }]);
    expect(await asked(customRole.id)).toEqual([200, { ...page, customRoleId: customRole.id }]);
    expect(await asked('cajero')).toEqual([200, { ...page, customRoleId: customRole.id }]);
    expect(await asked('nadie')).toEqual([422, null]);
  });

  it('gives a user a custom role, and takes it away with a built-in one', async () => {
    const given = await send('PUT', `/v1/users/${user.id}`, { role_id: customRole.id });
    expect(given.json().role).toEqual({ id: customRole.id, name: 'cajero', display_name: 'Cajero' });
    const taken = await send('PUT', `/v1/users/${user.id}`, { role_id: 3 });
    expect(taken.json().role).toEqual({ id: 'agent', name: 'agent', display_name: 'Agente' });
    const created = await send('POST', '/v1/users', {
      email: 'nuevo@empresa.com',
      password: 'password123',
      first_name: 'María',
      role_id: customRole.id,
    });
    expect([created.statusCode, created.json().role.name]).toEqual([201, 'cajero']);
  });

  it('refuses to remove the last admin, with a sentence', async () => {
    const answer = await send('PUT', `/v1/users/${user.id}`, { status: 'suspended' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json().error).toEqual({
      code: 'CONFLICT',
      message: 'Debe quedar al menos un administrador activo',
    });
  });

  it('lists every bad field of a user', async () => {
    const answer = await send('PUT', `/v1/users/${user.id}`, {
      email: 'x',
      status: 'gone',
      max_concurrent_chats: 0,
      role_id: 9,
      tenant_id: 'mine',
    });
    expect(answer.statusCode).toBe(422);
    expect(
      answer
        .json()
        .error.details.map(({ field }: { field: string }) => field)
        .sort(),
    ).toEqual(['email', 'max_concurrent_chats', 'role_id', 'status', 'tenant_id']);
  });

  it('lets users change their own presence, and that of others with users.update', async () => {
    const body = { agent_status: 'paused' };
    const agent = { role: 'agent' as const };
    expect((await send('POST', `/v1/users/${user.id}/agent-status`, body, { token: agent })).statusCode).toBe(200);
    expect((await send('POST', `/v1/users/${MISSING}/agent-status`, body, { token: agent })).statusCode).toBe(403);
    expect((await send('POST', `/v1/users/${MISSING}/agent-status`, body)).statusCode).toBe(404);
    const perms = permissionsOf('agent').filter((name) => name !== 'users.read');
    const url = `/v1/users/${MISSING}/agent-status`;
    expect((await send('GET', url, undefined, { token: { role: 'agent', perms } })).statusCode).toBe(403);
  });

  it.each([
    ['GET', '/v1/users', 'users.read'],
    ['POST', '/v1/users', 'users.create'],
    ['PUT', `/v1/users/${user.id}`, 'users.update'],
    ['DELETE', `/v1/users/${user.id}`, 'users.delete'],
    ['GET', '/v1/audit-logs', 'audit.read'],
    ['GET', '/v1/audit-logs/export', 'audit.read'],
    ['POST', '/v1/roles', 'roles.manage'],
    ['GET', '/v1/api-keys', 'api_keys.manage'],
    ['PUT', '/api/v1/tenant', 'tenant.update'],
    ['GET', '/api/v1/tenant/dashboard', 'analytics.read'],
    ['GET', '/bots/api/system/info', 'system.read'],
  ] as const)('%s %s takes %s', async (method, url, permission) => {
    const perms = PERMISSION_NAMES.filter((name) => name !== permission);
    expect((await send(method, url, undefined, { token: { perms } })).statusCode).toBe(403);
    expect((await send(method, url, undefined, { token: { perms: [permission] } })).statusCode).not.toBe(403);
  });

  it.each([
    ['GET', `/v1/users/${MISSING}`, 'Usuario no encontrado'],
    ['DELETE', '/v1/users/1', 'Usuario no encontrado'],
    ['PUT', `/v1/roles/${MISSING}`, 'Rol no encontrado'],
    ['DELETE', `/v1/api-keys/${MISSING}`, 'Clave de API no encontrada'],
    ['POST', `/v1/notifications/${MISSING}/read`, 'Notificación no encontrada'],
  ] as const)('%s %s is 404: %s', async (method, url, message) => {
    const answer = await send(method, url, method === 'PUT' ? {} : undefined);
    expect([answer.statusCode, answer.json().error.message]).toEqual([404, message]);
  });

  it('keeps the built-in roles as they are', async () => {
    for (const [method, body] of [
      ['PUT', { permissions: [] }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await send(method, '/v1/roles/admin', body);
      expect([answer.statusCode, answer.json().error.message]).toEqual([
        409,
        'Los roles predefinidos no se pueden modificar ni eliminar',
      ]);
    }
    const { data, meta } = (await send('GET', '/v1/roles')).json();
    expect(data.map(({ name }: { name: string }) => name)).toEqual(['admin', 'supervisor', 'agent', 'cajero']);
    expect(meta.available_permissions).toEqual(PERMISSION_NAMES);
  });

  it('refuses a key with a date in the past', async () => {
    const body = { name: 'ERP', permissions: ['messages.create'], expires_at: '2020-01-01T00:00:00Z' };
    const answer = await send('POST', '/v1/api-keys', body);
    expect(answer.json().error.details).toEqual([{ field: 'expires_at', message: 'Debe ser una fecha futura' }]);
    const rights = await send('POST', '/v1/api-keys', { name: 'ERP', permissions: ['everything'] });
    expect([rights.statusCode, rights.json().error.details[0].field]).toEqual([422, 'permissions.0']);
  });

  it('names a wrong password and a wrong code by the field of its own body', async () => {
    const password = await send('PUT', '/v1/auth/change-password', {
      current_password: 'otra',
      new_password: 'newpass456',
    });
    expect(password.json().error.details).toEqual([
      { field: 'current_password', message: 'La contraseña no es correcta' },
    ]);
    const code = await send('POST', '/v1/auth/2fa/verify', { code: '000000' });
    expect(code.json().error.details).toEqual([{ field: 'code', message: 'El código no es correcto' }]);
  });
});

describe('a log-in with a second factor', () => {
  const login = { email: TWO_FACTOR_EMAIL, password: 'senha123' };

  it.each([
    ['/v1/auth/login', { error: { code: 'TWO_FACTOR_REQUIRED', challenge_token: CHALLENGE } }],
    ['/api/v1/auth/login', { statusCode: 401, code: 'TWO_FACTOR_REQUIRED', challengeToken: CHALLENGE }],
    [
      '/bots/api/auth/login',
      {
        success: false,
        error: { type: 'AuthenticationError', code: 'TWO_FACTOR_REQUIRED', challengeToken: CHALLENGE },
      },
    ],
    ['/inbox/auth/login', { statusCode: 401, error: 'TWO_FACTOR_REQUIRED', challengeToken: CHALLENGE }],
    [
      '/scheduler/api/auth/login',
      {
        detail: 'Se requiere el segundo factor de autenticación',
        code: 'TWO_FACTOR_REQUIRED',
        challenge_token: CHALLENGE,
      },
    ],
  ])('%s answers 401 with a challenge', async (url, body) => {
    const answer = await send('POST', url, login, { token: null });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject(body);
  });

  it.each(['/api/v1', '/bots/api', '/inbox', '/scheduler/api'])('%s finishes with a code', async (prefix) => {
    const answer = await send('POST', `${prefix}/auth/login`, { ...login, code: TWO_FACTOR_CODE }, { token: null });
    expect(answer.statusCode).toBe(200);
  });

  it('crm finishes with the challenge, also when the page still sends a dead token', async () => {
    const body = { challenge_token: CHALLENGE, code: TWO_FACTOR_CODE };
    for (const token of [null, { expiresIn: -60 }]) {
      const answer = await send('POST', '/v1/auth/2fa/verify', body, { token });
      expect(answer.statusCode).toBe(200);
      expect(misfits(documented('crm', 'POST /auth/login'), answer.json())).toEqual([]);
    }
    const wrong = await send('POST', '/v1/auth/2fa/verify', { ...body, code: '000000' }, { token: null });
    expect(wrong.statusCode).toBe(401);
    const anonymous = await send('POST', '/v1/auth/2fa/verify', { code: TWO_FACTOR_CODE }, { token: null });
    expect(anonymous.statusCode).toBe(401);
  });
});

describe('the audit log', () => {
  it('uses the document’s words, also in filters', async () => {
    const url =
      '/v1/audit-logs?action=chat.transfer&entity_type=Chat&from_date=2026-01-10&to_date=2026-01-11&limit=2&page=3';
    const { data, meta } = (await send('GET', url)).json();
    expect(data[0]).toMatchObject({
      user: { id: user.id, first_name: 'Juan', last_name: 'Pérez' },
      action: 'chat.transfer',
      entity_type: 'Chat',
      changes: { assigned_agent_id: { from: null, to: user.id }, status: { from: 'active', to: 'assigned' } },
      ip_address: '192.168.1.100',
    });
    expect(meta).toEqual({ current_page: 3, per_page: 2, total: 2001, total_pages: 1001, next_cursor: '6' });
    const call = gateway.fakes.calls.find((line) => line.startsWith('GET /audit-log?'))!;
    expect(Object.fromEntries(new URLSearchParams(call.split('?')[1]))).toEqual({
      action: 'conversation.transfer',
      entityType: 'conversation',
      from: '2026-01-10T05:00:00.000Z',
      to: '2026-01-12T05:00:00.000Z',
      limit: '2',
      page: '3',
      count: 'true',
    });
  });

  it('limits the page depth, so that pages stay fast', async () => {
    const answer = await send('GET', '/v1/audit-logs?limit=100&page=1001');
    expect([answer.statusCode, answer.json().error.details[0].field]).toEqual([422, 'page']);
  });

  it('is a CSV file of all pages, with nothing a spreadsheet would run', async () => {
    const answer = await send('GET', '/v1/audit-logs/export?format=csv&from_date=2025-11-01&to_date=2025-11-14');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="audit-logs.csv"');
    const lines = answer.body.replace('\uFEFF', '').trimEnd().split('\n');
    expect(lines[0]).toBe(
      'id,created_at,user_id,user_name,actor,action,entity_type,entity_id,success,reason,ip_address,user_agent,changes',
    );
    expect(lines).toHaveLength(2002);
    expect(new Set(lines).size).toBe(2002);
    expect(lines[1]).toContain(`${user.id},Juan Pérez,user,chat.transfer,Chat,`);
    expect(answer.body).toContain(`"'=cmd|""/c calc""!A1"`);
    expect(answer.body).not.toMatch(/,"?=cmd/);
    const pages = gateway.fakes.calls.filter((line) => line.startsWith('GET /audit-log?'));
    expect(pages.map((line) => new URLSearchParams(line.split('?')[1]).get('cursor'))).toEqual([null, '1000', '2000']);
  });

  it('is an error when it fails at once, and a cut connection when it fails later', async () => {
    const url = '/v1/audit-logs/export?format=csv&entity_id=';
    const answer = await send('GET', url + BROKEN_AT_ONCE);
    expect([answer.statusCode, answer.headers['content-disposition']]).toEqual([502, undefined]);
    expect(answer.json().error.code).toBe('BAD_GATEWAY');
    await expect(send('GET', url + BROKEN_LATER)).rejects.toThrow();
  });

  it('refuses other kinds of file', async () => {
    const answer = await send('GET', '/v1/audit-logs/export?format=pdf');
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error.details).toEqual([{ field: 'format', message: 'Debe ser uno de: csv' }]);
    expect(answer.headers['content-type']).toContain('application/json');
  });
});

describe('inbox', () => {
  const list = '/inbox/api/notifications';

  it('needs the bearer’s own X-Tenant-Slug below /api', async () => {
    const missing = await send('GET', list);
    expect(missing.statusCode).toBe(400);
    expect(missing.json().errors).toEqual([{ field: 'X-Tenant-Slug', message: 'Este campo é obrigatório' }]);
    for (const slug of ['outro-hotel', 'nao existe!']) {
      const foreign = await send('GET', list, undefined, { headers: { 'x-tenant-slug': slug } });
      expect([slug, foreign.statusCode, foreign.json().error]).toEqual([slug, 403, 'FORBIDDEN']);
    }
    expect((await send('GET', list, undefined, { headers: inboxHeaders })).statusCode).toBe(200);
    expect((await send('GET', list, undefined, { headers: { 'x-tenant-slug': 'HOTEL-ABC' } })).statusCode).toBe(200);
    expect((await send('GET', '/inbox/auth/me')).statusCode).toBe(200);
  });

  it('tells notifications in Portuguese, with its own capitals', async () => {
    const { data } = (await send('GET', list, undefined, { headers: inboxHeaders })).json();
    expect(data[0]).toMatchObject({
      type: 'ERROR',
      title: 'WhatsApp desconectado',
      message: 'O número "Ventas" (+51999123456) perdeu a conexão com o WhatsApp',
      isRead: false,
    });
    expect((await send('GET', '/inbox/auth/me')).json().user.role).toBe('ADMIN');
  });

  it('lists every bad field of a registration in Portuguese', async () => {
    const body = { tenantName: '', tenantSlug: 'Hotel ABC', email: 'x', password: 'curta' };
    const answer = await send('POST', '/inbox/auth/register', body, { token: null });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toEqual(
      expect.arrayContaining([
        { field: 'tenantSlug', message: 'Só pode conter letras minúsculas, números e hífens' },
        { field: 'userName', message: 'Este campo é obrigatório' },
        { field: 'email', message: 'O e-mail não é válido' },
        { field: 'password', message: 'Deve ter pelo menos 8 caracteres' },
        { field: 'tenantName', message: 'Não pode ficar vazio' },
      ]),
    );
  });
});

describe('scheduler', () => {
  it('tells notifications in Spanish and in its own nouns', async () => {
    const { data, pagination } = (await send('GET', '/scheduler/api/notifications?page=1&limit=20')).json();
    expect(data).toMatchObject([
      {
        type: 'error',
        title: 'WhatsApp desconectado',
        message: 'El número "Ventas" (+51999123456) perdió la conexión con WhatsApp',
        related_entity_type: 'channel',
        is_read: false,
      },
      {
        type: 'success',
        message: 'El envío "Promo" terminó: 98 de 100 mensajes enviados',
        related_entity_type: 'message',
      },
    ]);
    expect(pagination).toEqual({ page: 1, limit: 20, total: 2, pages: 1, next_cursor: null });
  });

  it('shows every user but admins as user', async () => {
    const me = (await send('GET', '/scheduler/api/auth/me')).json();
    expect(me).toMatchObject({ name: 'Juan Pérez', role: 'admin', organization: { timezone: 'America/Lima' } });
  });
});

describe('health, when something is away', () => {
  let broken: TestGateway;
  beforeAll(async () => {
    broken = await startTestGateway({
      REDIS_URL: 'redis://127.0.0.1:1',
      RECADO_CHANNEL_CONNECTOR_URL: 'http://127.0.0.1:1',
    });
  });
  afterAll(() => broken?.close());

  it.each([
    [
      '/bots/api/health',
      503,
      {
        success: false,
        data: { status: 'ERROR', services: { redis: 'disconnected' } },
        error: { type: 'ServiceUnavailableError' },
      },
    ],
    [
      '/scheduler/api/health',
      503,
      { status: 'error', services: { db: 'ok', whatsapp: 'error', redis: 'error' }, detail: expect.any(String) },
    ],
    ['/scheduler/api/health/db', 200, { status: 'ok' }],
    ['/scheduler/api/health/whatsapp', 503, { status: 'error', detail: expect.any(String) }],
    ['/scheduler/api/health/redis', 503, { status: 'error', detail: expect.any(String) }],
  ])('%s is %i', async (url, status, body) => {
    const answer = await broken.app.inject({ url });
    expect([answer.statusCode, answer.json()]).toEqual([status, expect.objectContaining({})]);
    expect(answer.json()).toMatchObject(body);
  });
});
