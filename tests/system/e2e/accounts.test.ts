import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildEvent, channelStatus, uuidv7 } from '@recado/contracts';
import { connectBus } from '@recado/messaging';
import { createLogger } from '@recado/service-kit';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { type Answer, call, must, until } from '../../support/api.ts';
import { documented, documentedShape } from '../../support/documents.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { misfits } from '../../support/shape.ts';
import { totp } from '../../support/totp.ts';

// One mesh of real processes: who people are, in all five dialects, from the door to the row and
// back.
let mesh: Mesh;
let dataDir: string;
let gateway: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recado-accounts-'));
  // Each test speaks from an address of its own: five failed log-ins from one lock it out.
  mesh = await startMesh({ dataDir, logLevel: 'warn', envOf: { gateway: { RECADO_TRUSTED_PROXIES: '127.0.0.1' } } });
  gateway = mesh.urls.gateway;
});

afterAll(async () => {
  await mesh?.stop();
  if (dataDir) await removeFolder(dataDir);
});

const PASSWORD = 'Correct-horse-7';
const MISSING = '01890000-0000-7000-8000-000000000000';
const newEmail = () => `persona-${randomUUID()}@example.com`;

let address = '203.0.113.1';
beforeEach(() => {
  address = `198.51.100.${Number(address.split('.').at(-1)) + 1}`;
});

type Method = Parameters<typeof call>[1];
type Options = Parameters<typeof call>[3];
const send = <T = Record<string, unknown>>(method: Method, path: string, options: Options = {}) =>
  call<T>(gateway, method, path, { ...options, headers: { 'x-forwarded-for': address, ...options.headers } });
const ok = <T = Record<string, unknown>>(method: Method, path: string, options: Options = {}, status = 200) =>
  must(send<T>(method, path, options), status);

interface Company {
  email: string;
  tenantId: string;
  saas: string;
  refresh: string;
}

/** A company with its admin, by saas. */
async function company(): Promise<Company> {
  const email = newEmail();
  const body = { email, password: PASSWORD, name: 'Ana Prueba', organizationName: `Empresa ${randomUUID()}` };
  const made = await ok<{ data: { accessToken: string; refreshToken: string } }>(
    'POST',
    '/api/v1/auth/register',
    { body },
    201,
  );
  expect(misfits(documented('saas', 'POST /auth/login'), made)).toEqual([]);
  const { accessToken: saas, refreshToken: refresh } = made.data;
  const me = await ok<{ data: { tenantId: string } }>('GET', '/api/v1/auth/me', { token: saas });
  expect(misfits(documented('saas', 'GET /auth/me'), me)).toEqual([]);
  return { email, tenantId: me.data.tenantId, saas, refresh };
}

const LOGINS = {
  saas: ['/api/v1/auth/login', (body: Login) => body.data!.accessToken!],
  crm: ['/v1/auth/login', (body: Login) => body.access_token!],
  bots: ['/bots/api/auth/login', (body: Login) => body.data!.token!],
  inbox: ['/inbox/auth/login', (body: Login) => body.token!],
  scheduler: ['/scheduler/api/auth/login', (body: Login) => body.access_token!],
} as const;
interface Login {
  data?: { accessToken?: string; token?: string };
  access_token?: string;
  refresh_token?: string;
  token?: string;
}

async function login(edition: keyof typeof LOGINS, email: string, password = PASSWORD): Promise<string> {
  const [path, tokenOf] = LOGINS[edition];
  return tokenOf(await ok<Login>('POST', path, { body: { email, password } }));
}

/** Revocation may take five seconds to be known everywhere. */
const ends = (token: string, path = '/api/v1/auth/me') =>
  until('the token to be dead', async () => ((await send('GET', path, { token })).status === 401 ? true : null));

/** A client's socket, ready. */
async function screen(token: string) {
  const socket: Socket = io(gateway, {
    transports: ['websocket'],
    auth: { token },
    forceNew: true,
    reconnection: false,
  });
  const heard: { name: string; data: Record<string, unknown> }[] = [];
  socket.onAny((name, data) => heard.push({ name, data }));
  await until('the socket to be ready', async () => heard.find(({ name }) => name === 'session:ready'));
  const wait = (name: string, within?: number) =>
    until(name, async () => heard.find((event) => event.name === name)?.data, within);
  return { socket, heard, wait };
}

const LOGOUTS = {
  saas: '/api/v1/auth/logout',
  crm: '/v1/auth/logout',
  bots: '/bots/api/auth/logout',
  inbox: '/inbox/auth/logout',
  scheduler: '/scheduler/api/auth/logout',
} as const;

describe('every edition', () => {
  it.each(['saas', 'crm', 'bots', 'inbox', 'scheduler'] as const)(
    '%s logs in, and its logout ends the token everywhere and closes the socket',
    async (edition) => {
      const { email } = await company();
      const token = await login(edition, email);
      const client = await screen(token);
      expect((await send('GET', '/v1/users/me', { token })).status).toBe(200);
      expect((await send('POST', LOGOUTS[edition], { token })).status).toBe(200);
      await ends(token);
      await ends(token, '/v1/users/me');
      expect(await client.wait('session:closed', 5_000)).toEqual({ reason: 'session_revoked' });
      await until('the socket to be closed', async () => (client.socket.connected ? null : true));
    },
  );

  it('answers a wrong password and an unknown user alike', async () => {
    const { email } = await company();
    const [wrong, unknown] = await Promise.all([
      send('POST', '/v1/auth/login', { body: { email, password: 'Wrong-horse-7' } }),
      send('POST', '/v1/auth/login', { body: { email: newEmail(), password: 'Wrong-horse-7' } }),
    ]);
    expect([wrong.status, wrong.text]).toEqual([401, unknown.text]);
  });
});

describe('saas', () => {
  it('rotates refresh tokens, gives a successor again, and a replay ends the session', async () => {
    const { saas, refresh } = await company();
    const body = { refreshToken: refresh };
    const next = await ok<{ data: { accessToken: string; refreshToken: string } }>('POST', '/api/v1/auth/refresh', {
      body,
    });
    expect(misfits({ data: documented('saas', 'POST /auth/login').data }, next)).toEqual([]);
    expect(next.data.refreshToken).not.toBe(refresh);
    const again = await ok<typeof next>('POST', '/api/v1/auth/refresh', { body });
    expect(again.data.refreshToken).toBe(next.data.refreshToken);
    let { refreshToken } = next.data;
    for (let i = 0; i < 2; i++) {
      ({ refreshToken } = (await ok<typeof next>('POST', '/api/v1/auth/refresh', { body: { refreshToken } })).data);
    }
    expect((await send('POST', '/api/v1/auth/refresh', { body })).status).toBe(401);
    await ends(next.data.accessToken);
    await ends(saas);
  });

  it('shows and changes the tenant, its usage and its users', async () => {
    const { saas: token, email } = await company();
    const change = {
      name: 'Nuevo Nombre SAS',
      settings: { timezone: 'America/Bogota', country: 'MX', language: 'pt', color: 'azul' },
    };
    const changed = await ok<{ data: { settings: object } }>('PUT', '/api/v1/tenant', { token, body: change });
    expect(misfits(documented('saas', 'GET /tenant'), changed)).toEqual([]);
    const tenant = await ok<{ data: { name: string; settings: object } }>('GET', '/api/v1/tenant', { token });
    expect(misfits(documented('saas', 'GET /tenant'), tenant)).toEqual([]);
    expect(tenant.data).toMatchObject(change);
    const bad = await send<{ errors: unknown }>('PUT', '/api/v1/tenant', {
      token,
      body: { settings: { timezone: 'Mars/Olympus' } },
    });
    expect([bad.status, bad.body.errors]).toEqual([
      400,
      [{ field: 'settings.timezone', message: 'La zona horaria no existe' }],
    ]);
    const nowhere = await send<{ errors: unknown }>('PUT', '/api/v1/tenant', {
      token,
      body: { settings: { country: 'México' } },
    });
    expect([nowhere.status, nowhere.body.errors]).toEqual([
      400,
      [{ field: 'settings.country', message: 'El país no existe: usa su código ISO de dos letras' }],
    ]);

    const usage = await ok<{ data: { usage: object; period: { start: string; end: string } } }>(
      'GET',
      '/api/v1/tenant/usage',
      { token },
    );
    expect(misfits(documented('saas', 'GET /tenant/usage'), usage)).toEqual([]);
    expect(usage.data.usage).toMatchObject({
      users: { current: 1, limit: 20, percentage: 5 },
      instances: { current: 0, limit: 5, percentage: 0 },
      messages: { current: 0, limit: 20_000, percentage: 0 },
    });
    // Bogotá's months begin and end at 05:00 UTC.
    expect(usage.data.period.start).toMatch(/-01T05:00:00Z$/);
    expect(usage.data.period.end).toMatch(/-01T04:59:59Z$/);

    const users = await ok<{ data: { email: string; isActive: boolean }[] }>('GET', '/api/v1/tenant/users', { token });
    expect(misfits(documented('saas', 'GET /tenant/users'), users)).toEqual([]);
    expect(users.data).toMatchObject([{ email, name: 'Ana Prueba', role: 'admin', isActive: true }]);
    const dashboard = await ok<{ data: { messageChart: unknown[]; overview: object } }>(
      'GET',
      '/api/v1/tenant/dashboard',
      { token },
    );
    expect(misfits(documented('saas', 'GET /tenant/dashboard'), dashboard)).toEqual([]);
    expect(dashboard.data.overview).toMatchObject({ totalUsers: 1, totalInstances: 0, connectedInstances: 0 });
    expect(dashboard.data.messageChart).toHaveLength(60);
    const limits = await ok<{ data: { usage: { minute: number } } }>('GET', '/api/v1/whatsapp/rate-limit/usage', {
      token,
    });
    expect(misfits(documented('saas', 'GET /whatsapp/rate-limit/usage'), limits)).toEqual([]);
    expect(limits.data.usage.minute).toBeGreaterThan(5);
  });
});

describe('bots', () => {
  it('registers, logs in, renews by bearer; a new password ends every session', async () => {
    const admin = { email: newEmail(), password: 'Password123!', firstName: 'Juan', lastName: 'Pérez' };
    const body = { company: { name: 'Mi Empresa', email: 'empresa@ejemplo.com' }, admin };
    const made = await ok<{ data: { token: string; company: object } }>(
      'POST',
      '/bots/api/auth/register',
      { body },
      201,
    );
    expect(misfits(documented('bots', 'POST /api/auth/register'), made)).toEqual([]);
    expect(made.data.company).toMatchObject({ plan: 'starter', maxInstances: 1, maxMessages: 1000 });
    const again = await send<{ error: object }>('POST', '/bots/api/auth/register', { body });
    expect([again.status, again.body.error]).toEqual([
      409,
      { type: 'ConflictError', message: 'Ya existe una cuenta con este email' },
    ]);

    const { email, password } = admin;
    const session = await ok<{ data: { token: string } }>('POST', '/bots/api/auth/login', {
      body: { email, password },
    });
    expect(misfits(documented('bots', 'POST /api/auth/login'), session)).toEqual([]);
    const me = await ok('GET', '/bots/api/auth/me', { token: session.data.token });
    expect(misfits(documented('bots', 'GET /api/auth/me'), me)).toEqual([]);
    const renewed = await ok<{ data: { token: string } }>('POST', '/bots/api/auth/refresh', {
      token: session.data.token,
    });
    expect(misfits(documented('bots', 'POST /api/auth/refresh'), renewed)).toEqual([]);
    expect((await send('GET', '/bots/api/auth/me', { token: renewed.data.token })).status).toBe(200);

    const wrong = await send<{ error: object }>('POST', '/bots/api/auth/change-password', {
      token: renewed.data.token,
      body: { currentPassword: 'Password123?', newPassword: 'NewPassword456!' },
    });
    expect(wrong.status).toBe(400);
    expect(wrong.body.error).toMatchObject({
      details: [{ field: 'currentPassword', message: 'La contraseña no es correcta' }],
    });
    const changed = await ok('POST', '/bots/api/auth/change-password', {
      token: renewed.data.token,
      body: { currentPassword: password, newPassword: 'NewPassword456!' },
    });
    expect(misfits(documented('bots', 'POST /api/auth/change-password'), changed)).toEqual([]);
    for (const token of [made.data.token, session.data.token, renewed.data.token]) await ends(token);
    expect((await send('POST', '/bots/api/auth/login', { body: { email, password } })).status).toBe(401);
    await login('bots', email, 'NewPassword456!');
  });

  it('shows its health to everyone, the system to admins', async () => {
    const { email } = await company();
    expect(misfits(documented('bots', 'GET /api/health'), await ok('GET', '/bots/api/health'))).toEqual([]);
    const token = await login('bots', email);
    const info = await ok<{ data: { database: { tables: number; connections: number } } }>(
      'GET',
      '/bots/api/system/info',
      { token },
    );
    expect(misfits(documented('bots', 'GET /api/system/info'), info)).toEqual([]);
    expect(info.data).toMatchObject({ database: { status: 'connected' }, platform: process.platform });
    expect(info.data.database.tables).toBeGreaterThan(20);
    expect(info.data.database.connections).toBeGreaterThan(3);
  });
});

describe('crm', () => {
  let admin: string;
  let owner: Company;
  beforeAll(async () => {
    owner = await company();
    admin = await login('crm', owner.email);
  });

  interface Made {
    id: string;
    email: string;
    role: { id: string; name: string };
  }
  const createUser = (body: object = {}) =>
    ok<Made>(
      'POST',
      '/v1/users',
      { token: admin, body: { email: newEmail(), password: 'password123', first_name: 'María', role_id: 3, ...body } },
      201,
    );

  it('keeps its users: makes, finds, shows, changes and removes them', async () => {
    const made = await createUser({ last_name: 'González', phone: '+573009876543' });
    expect(misfits(documented('crm', 'POST /users'), made)).toEqual([]);
    const path = `/v1/users/${made.id}`;
    const list = await ok<{ data: Made[] }>('GET', `/v1/users?role=agent&status=active&search=gonz`, { token: admin });
    expect(misfits(documented('crm', 'GET /users'), list)).toEqual([]);
    expect(list.data.map(({ id }) => id)).toEqual([made.id]);
    expect(misfits(documented('crm', 'GET /users/:id'), await ok('GET', path, { token: admin }))).toEqual([]);

    const agent = await login('crm', made.email, 'password123');
    const paused = { agent_status: 'paused', agent_status_reason: 'Almuerzo' };
    const presence = await ok('POST', `${path}/agent-status`, { token: agent, body: paused });
    expect(misfits(documented('crm', 'POST /users/:id/agent-status'), presence)).toEqual([]);
    expect(presence).toMatchObject(paused);
    const history = await ok<{ data: object[] }>('GET', `${path}/agent-status`, { token: agent });
    expect(history.data[0]).toMatchObject({ ...paused, changed_by: { id: made.id }, duration_seconds: null });
    expect((await send('DELETE', path, { token: agent })).status).toBe(403);

    const me = await ok('PUT', '/v1/users/me', { token: agent, body: { first_name: 'Mary' } });
    expect(misfits(documented('crm', 'GET /users/:id'), me)).toEqual([]);
    const changed = await ok('PUT', path, { token: admin, body: { max_concurrent_chats: 7 } });
    expect(misfits(documented('crm', 'GET /users/:id'), changed)).toEqual([]);
    expect(changed).toMatchObject({ first_name: 'Mary', max_concurrent_chats: 7, agent_status: 'paused' });
    expect((await send('GET', '/v1/users/me', { token: agent })).status).toBe(200);

    const client = await screen(agent);
    await ok('PUT', path, { token: admin, body: { role_id: 2 } });
    await ends(agent);
    await client.wait('session:closed', 5_000);

    expect((await send('DELETE', path, { token: admin })).status).toBe(204);
    expect((await send('GET', path, { token: admin })).status).toBe(404);
    expect(
      (await send('POST', '/v1/auth/login', { body: { email: made.email, password: 'password123' } })).status,
    ).toBe(401);
    await createUser({ email: made.email });
  });

  it('keeps the last admin', async () => {
    const { id } = await ok<{ id: string }>('GET', '/v1/users/me', { token: admin });
    for (const answer of [
      await send<{ error: { message: string } }>('DELETE', `/v1/users/${id}`, { token: admin }),
      await send<{ error: { message: string } }>('PUT', `/v1/users/${id}`, { token: admin, body: { role_id: 3 } }),
    ]) {
      expect([answer.status, answer.body.error.message]).toEqual([409, 'Debe quedar al menos un administrador activo']);
    }
  });

  it('gives users the company’s own roles', async () => {
    const permissions = ['users.read', 'chats.read'];
    const role = await ok<{ id: string }>(
      'POST',
      '/v1/roles',
      { token: admin, body: { name: 'mesa', display_name: 'Mesa de ayuda', permissions } },
      201,
    );
    const made = await createUser({ role_id: role.id });
    expect(made.role).toEqual({ id: role.id, name: 'mesa', display_name: 'Mesa de ayuda' });
    const token = await login('crm', made.email, 'password123');
    expect((await send('GET', '/v1/chats', { token })).status).toBe(200);
    expect((await send('GET', '/v1/whatsapp-numbers', { token })).status).toBe(403);
    expect((await ok<{ data: Made[] }>('GET', '/v1/users?role=mesa', { token: admin })).data).toHaveLength(1);
    const held = await send('DELETE', `/v1/roles/${role.id}`, { token: admin });
    expect(held.status).toBe(409);
    await ok('PUT', `/v1/roles/${role.id}`, { token: admin, body: { permissions: ['users.read'] } });
    await ends(token);
    const roles = await ok<{ data: { name: string; users_count: number | null }[] }>('GET', '/v1/roles', {
      token: admin,
    });
    expect(roles.data.find(({ name }) => name === 'mesa')?.users_count).toBe(1);
    await send('DELETE', `/v1/users/${made.id}`, { token: admin });
    expect((await send('DELETE', `/v1/roles/${role.id}`, { token: admin })).status).toBe(204);
  });

  it('makes API keys that can do no more than they name', async () => {
    const made = await ok<{ id: string; key: string; prefix: string }>(
      'POST',
      '/v1/api-keys',
      { token: admin, body: { name: 'ERP', permissions: ['users.read'] } },
      201,
    );
    expect(made.key.startsWith(made.prefix)).toBe(true);
    expect((await send('GET', '/v1/users', { token: made.key })).status).toBe(200);
    expect((await send('GET', '/v1/chats', { token: made.key })).status).toBe(403);
    expect((await send('GET', '/v1/users/me', { token: made.key })).status).toBe(403);
    const list = await ok<{ data: object[] }>('GET', '/v1/api-keys', { token: admin });
    expect(list.data).toMatchObject([{ id: made.id, name: 'ERP', revoked_at: null }]);
    expect(JSON.stringify(list)).not.toContain(made.key);
    expect((await send('DELETE', `/v1/api-keys/${made.id}`, { token: admin })).status).toBe(204);
    await ends(made.key, '/v1/users');
  });

  it('logs in with a second factor, in crm by a challenge and elsewhere by a code', async () => {
    const made = await createUser();
    const credentials = { email: made.email, password: 'password123' };
    const token = await login('crm', made.email, 'password123');
    const begun = await ok<{ secret: string; backup_codes: string[] }>('POST', '/v1/auth/2fa/enable', { token });
    expect(misfits(documented('crm', 'POST /auth/2fa/enable'), begun)).toEqual([]);
    const wrong = await send<{ error: object }>('POST', '/v1/auth/2fa/verify', { token, body: { code: '000000' } });
    expect([wrong.status, wrong.body.error]).toEqual([
      422,
      expect.objectContaining({ details: [{ field: 'code', message: 'El código no es correcto' }] }),
    ]);
    // Codes count once and only forwards, so each step of this test shows a later one.
    await ok('POST', '/v1/auth/2fa/verify', { token, body: { code: totp(begun.secret, -1) } });

    const asked = await send<{ error: { code: string; challenge_token: string } }>('POST', '/v1/auth/login', {
      body: credentials,
    });
    expect([asked.status, asked.body.error.code]).toEqual([401, 'TWO_FACTOR_REQUIRED']);
    const { challenge_token } = asked.body.error;
    const finished = await ok<Login>('POST', '/v1/auth/2fa/verify', {
      body: { challenge_token, code: totp(begun.secret) },
    });
    expect(misfits(documented('crm', 'POST /auth/login'), finished)).toEqual([]);
    const again = await send('POST', '/v1/auth/2fa/verify', { body: { challenge_token, code: totp(begun.secret, 1) } });
    expect(again.status).toBe(401);

    const [first, second, third] = begun.backup_codes;
    for (const [path, code] of [
      ['/api/v1/auth/login', first],
      ['/bots/api/auth/login', second],
      ['/inbox/auth/login', third],
    ]) {
      const plain = await send('POST', path!, { body: credentials });
      expect([path, plain.status]).toEqual([path, 401]);
      expect(plain.text).toContain('"challengeToken":"');
      await ok('POST', path!, { body: { ...credentials, code } });
    }
    const used = await send('POST', '/scheduler/api/auth/login', { body: { ...credentials, code: first } });
    expect(used.status).toBe(401);
    await ok('POST', '/v1/auth/2fa/disable', {
      token: finished.access_token!,
      body: { password: 'password123', code: begun.backup_codes[3] },
    });
    await login('crm', made.email, 'password123');
  });

  it('records actor, action and address in the audit log, and exports it as a file', async () => {
    const made = await createUser({ first_name: '=1+1' });
    await ok('PUT', `/v1/users/${made.id}`, {
      token: admin,
      body: { max_concurrent_chats: 9 },
      headers: { 'user-agent': '@SUM(A1)' },
    });
    const find = (query: string) =>
      ok<{ data: { action: string }[] }>('GET', `/v1/audit-logs?${query}`, { token: admin });
    const logs = await until('the change to be in the log', async () => {
      const found = await find(`entity_type=User&entity_id=${made.id}&action=user.update`);
      return found.data.length > 0 ? found : null;
    });
    expect(misfits(documented('crm', 'GET /audit-logs'), logs)).toEqual([]);
    expect(logs.data[0]).toMatchObject({
      user: { first_name: 'Ana', last_name: 'Prueba' },
      action: 'user.update',
      entity_type: 'User',
      entity_id: made.id,
      changes: { max_concurrent_chats: { from: 5, to: 9 } },
      ip_address: address,
      user_agent: '@SUM(A1)',
      success: true,
    });
    const created = await until('the beginning to be there', async () => {
      const { data } = await find(`entity_id=${made.id}`);
      return data.some(({ action }) => action === 'user.create') ? data : null;
    });
    expect(JSON.stringify(created)).not.toMatch(/password123|argon2/);

    const file = await send('GET', '/v1/audit-logs/export?format=csv&from_date=2025-11-01&to_date=9999-12-31', {
      token: admin,
    });
    expect([file.status, file.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(file.text).toContain(`,user.update,User,${made.id},`);
    expect(file.text).toContain(`'@SUM(A1)`);
    const other = await company();
    const foreign = await ok<{ data: object[] }>('GET', `/v1/audit-logs?entity_id=${made.id}`, {
      token: await login('crm', other.email),
    });
    expect(foreign.data).toEqual([]);
  });

  it('changes a password, which ends the sessions', async () => {
    const made = await createUser();
    const token = await login('crm', made.email, 'password123');
    const body = { current_password: 'password123', new_password: 'newpass456-9' };
    const changed = await ok('PUT', '/v1/auth/change-password', { token, body });
    expect(misfits(documented('crm', 'PUT /auth/change-password'), changed)).toEqual([]);
    await ends(token, '/v1/users/me');
    await login('crm', made.email, 'newpass456-9');
  });

  it('answers another tenant’s ids like unknown ones', async () => {
    const made = await createUser();
    const token = await login('crm', (await company()).email);
    const each = async (id: string): Promise<[number, string][]> => {
      const answers: Answer[] = [
        await send('GET', `/v1/users/${id}`, { token }),
        await send('PUT', `/v1/users/${id}`, { token, body: { first_name: 'x' } }),
        await send('DELETE', `/v1/users/${id}`, { token }),
        await send('POST', `/v1/users/${id}/agent-status`, { token, body: { agent_status: 'busy' } }),
        await send('GET', `/v1/users/${id}/agent-status`, { token }),
      ];
      return answers.map(({ status, text }) => [status, text]);
    };
    const foreign = await each(made.id);
    expect(foreign).toEqual(await each(MISSING));
    expect(foreign.map(([status]) => status)).toEqual([404, 404, 404, 404, 404]);
  });
});

describe('inbox', () => {
  it('registers a tenant by its slug, and requires it in the header', async () => {
    const tenantSlug = `hotel-${randomUUID()}`;
    const body = { tenantName: 'Hotel ABC', tenantSlug, userName: 'Admin', email: newEmail(), password: 'senha123' };
    const made = await ok<{ token: string; tenant: { slug: string } }>('POST', '/inbox/auth/register', { body }, 201);
    expect(misfits(documented('inbox', 'POST /auth/login'), made)).toEqual([]);
    expect(made.tenant.slug).toBe(tenantSlug);
    const taken = await send<{ message: string }>('POST', '/inbox/auth/register', {
      body: { ...body, email: newEmail() },
    });
    expect([taken.status, taken.body.message]).toEqual([409, 'Já existe uma empresa com esse identificador']);
    const list = '/inbox/api/notifications';
    const { token } = made;
    expect((await send('GET', list, { token })).status).toBe(400);
    expect((await send('GET', list, { token, headers: { 'x-tenant-slug': 'outro' } })).status).toBe(403);
    expect((await send('GET', list, { token, headers: { 'x-tenant-slug': tenantSlug } })).status).toBe(200);
  });
});

describe('a notification', () => {
  it('reaches its user live in crm and inbox, and waits in scheduler', async () => {
    const { email, tenantId } = await company();
    const [crm, inbox, scheduler] = await Promise.all([
      login('crm', email),
      login('inbox', email),
      login('scheduler', email),
    ]);
    expect(await ok('GET', '/scheduler/api/auth/me', { token: scheduler })).toMatchObject({ email, role: 'admin' });
    const renewed = await ok<{ access_token: string }>('POST', '/scheduler/api/auth/refresh', { token: scheduler });
    const screens = await Promise.all([screen(crm), screen(inbox)]);
    const { id: userId } = await ok<{ id: string }>('GET', '/scheduler/api/auth/me', { token: scheduler });
    const socket = new WebSocket(`${gateway.replace('http', 'ws')}/scheduler/ws/${userId}`);
    const frames: { type: string; status?: string; notification?: object }[] = [];
    socket.addEventListener('message', ({ data }) => frames.push(JSON.parse(String(data))));
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'auth', token: scheduler })));
    await until('the WebSocket to be ready', async () => frames.find(({ type }) => type === 'session_ready'));

    // As the connector would tell it: connected, then lost.
    const log = createLogger({ name: 'test', level: 'silent' });
    const bus = await connectBus({ url: mesh.servers.natsUrl, name: 'test', log });
    const channelId = uuidv7();
    const known = { channelId, name: 'Ventas', provider: 'meta' as const, phone: '+51999123456' };
    const started = Date.now();
    for (const [i, status] of (['connected', 'error'] as const).entries()) {
      const at = new Date(started + i).toISOString();
      const reason = status === 'error' ? 'The token was refused' : null;
      const event = buildEvent(channelStatus, { tenantId, subject: channelId, data: { ...known, status, reason, at } });
      await bus.js.publish(event.subject, JSON.stringify(event.envelope), { msgID: event.envelope.id });
    }
    await bus.close();

    const [ofCrm, ofInbox] = await Promise.all(screens.map(({ wait }) => wait('notification')));
    expect(ofCrm).toMatchObject({
      type: 'error',
      message: 'El número "Ventas" (+51999123456) perdió la conexión con WhatsApp',
      related_entity_type: 'WhatsappNumber',
      related_entity_id: channelId,
    });
    expect(ofInbox).toMatchObject({ id: ofCrm!.id, type: 'ERROR', title: 'WhatsApp desconectado' });
    const told = await until('the frame', async () => frames.find(({ type }) => type === 'new_notification'));
    expect(told.notification).toMatchObject({ id: ofCrm!.id, type: 'error', title: 'WhatsApp desconectado' });
    expect(frames.filter(({ type }) => type === 'whatsapp_status').map(({ status }) => status)).toEqual([
      'connected',
      'disconnected',
    ]);
    socket.close();
    for (const { socket } of screens) socket.disconnect();

    const token = renewed.access_token;
    const list = await ok<{ data: { id: string; is_read: boolean }[] }>('GET', '/scheduler/api/notifications', {
      token,
    });
    expect(misfits({ data: [documentedShape('scheduler', 'Notificación')] }, list)).toEqual([]);
    expect(list.data).toMatchObject([{ id: ofCrm!.id, is_read: false }]);
    const unread = () => ok('GET', '/scheduler/api/notifications/unread-count', { token });
    expect(await unread()).toEqual({ count: 1 });
    const path = `/scheduler/api/notifications`;
    const read = await ok('POST', `${path}/mark-read/${ofCrm!.id}`, { token });
    expect(misfits(documentedShape('scheduler', 'Notificación'), read)).toEqual([]);
    expect(await unread()).toEqual({ count: 0 });
    expect((await send('DELETE', `${path}/${MISSING}`, { token })).status).toBe(404);
    expect((await send('DELETE', `${path}/${ofCrm!.id}`, { token })).status).toBe(204);
    expect((await ok<{ data: object[] }>('GET', path, { token })).data).toEqual([]);
  });
});

describe('scheduler', () => {
  it('has health pages with measured values', async () => {
    for (const name of ['', '/db', '/whatsapp', '/redis']) {
      expect(await ok('GET', `/scheduler/api/health${name}`)).toMatchObject({ status: 'ok' });
    }
  });
});
