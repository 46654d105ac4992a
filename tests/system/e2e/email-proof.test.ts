import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { editions } from '../../../services/gateway/src/editions/index.ts';
import { call, until } from '../../support/api.ts';
import { UNLIMITED } from '../../support/unlimited.ts';
import { type Beside, startBeside } from '../beside.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

// The shared mesh takes any company. Here identity asks for the proof, and every line is kept.
let mesh: TestMesh;
let strict: Beside;
let gateway: string;
let sandbox: TestMesh['sandbox'];
const logged: string[] = [];

beforeAll(async () => {
  mesh = sharedTestMesh();
  const onLine = (line: string) => void logged.push(line);
  const env = { ...UNLIMITED, RECADO_EMAIL_PROOF: 'required' };
  strict = await startBeside(['identity', 'gateway'], { env, logLevel: 'debug', onLine });
  gateway = strict.urls.gateway!;
  sandbox = mesh.sandbox;
});
afterAll(async () => {
  await strict?.stop();
  await mesh?.stop();
});

const PASSWORD = 'Correct-horse-7';
const UNPROVED = /Confirma tu correo electrónico|Confirme seu e-mail/;

const post = (path: string, body: object | undefined, token?: string) =>
  call<Record<string, unknown>>(gateway, 'POST', path, { ...(body ? { body } : {}), ...(token ? { token } : {}) });

async function codeFor(email: string): Promise<string> {
  return until('the mail with the code', async () => {
    const [mail] = await sandbox.mails(email);
    return mail ? /\b\d{8}\b/.exec(mail.text)![0] : null;
  });
}

/** Registers as each edition's document says. */
const REGISTER = {
  saas: (email: string) => ({
    path: '/api/v1/auth/register',
    body: { email, password: PASSWORD, name: 'Ana Ruiz', organizationName: 'Tienda' },
  }),
  bots: (email: string) => ({
    path: '/bots/api/auth/register',
    body: {
      company: { name: 'Tienda', email },
      admin: { email, password: PASSWORD, firstName: 'Ana', lastName: 'Ruiz' },
    },
  }),
  inbox: (email: string) => ({
    path: '/inbox/auth/register',
    body: { tenantName: 'Loja', tenantSlug: `loja-${randomUUID()}`, userName: 'Ana', email, password: PASSWORD },
  }),
};
const CONFIRM = {
  saas: '/api/v1/auth/confirm-email',
  bots: '/bots/api/auth/confirm-email',
  inbox: '/inbox/auth/confirm-email',
};
const newEmail = () => `ana-${randomUUID()}@tienda.example`;

async function register(edition: keyof typeof REGISTER, email: string): Promise<string> {
  const { path, body } = REGISTER[edition](email);
  const made = await post(path, body);
  expect(made.status).toBe(201);
  const { data = {}, token } = made.body as { data?: { accessToken?: string; token?: string }; token?: string };
  return (token ?? data.accessToken ?? data.token)!;
}

const toggleAi = (token: string) => post('/api/v1/ai/toggle', { enabled: true }, token);

describe('a company that registered and did not prove its e-mail', () => {
  it.each(Object.keys(REGISTER) as (keyof typeof REGISTER)[])(
    'by %s logs in, changes nothing, and goes on with the same token after the code',
    async (edition) => {
      const email = newEmail();
      const token = await register(edition, email);
      const login = await post('/v1/auth/login', { email, password: PASSWORD });
      expect(login.status).toBe(200);
      const refused = await toggleAi(token);
      expect(refused.status).toBe(403);
      expect(JSON.stringify(refused.body)).toMatch(UNPROVED);
      const test = await post('/api/v1/ai/test', { message: 'hola' }, token);
      expect(test.status).toBe(403);
      expect((await post(CONFIRM[edition], { code: await codeFor(email) }, token)).status).toBe(200);
      expect((await toggleAi(token)).status).toBe(200);
      expect((await toggleAi(login.body.access_token as string)).status).toBe(200);
    },
  );

  it('reads everything that other companies read, in every edition', async () => {
    const email = newEmail();
    const token = await register('saas', email);
    const me = await call<{ data: { tenantId: string } }>(gateway, 'GET', '/api/v1/auth/me', { token });
    const routes = Object.values(editions).flatMap(({ prefix, routes }) =>
      routes
        .filter(({ method, auth }) => method === 'GET' && auth === 'bearer')
        .map(({ path }) => prefix + path.replaceAll(/:\w+/g, randomUUID())),
    );
    expect(routes.length).toBeGreaterThan(30);
    const wrong: string[] = [];
    for (const path of routes) {
      const answer = await call<unknown>(gateway, 'GET', path, { token });
      if (answer.status >= 500 || UNPROVED.test(JSON.stringify(answer.body))) wrong.push(`${path} ${answer.status}`);
    }
    expect(wrong).toEqual([]);
    expect(me.body.data.tenantId).toBeDefined();
  });

  it('may use a socket', async () => {
    const token = await register('saas', newEmail());
    const socket = io(gateway, { auth: { token }, reconnection: false });
    const ready = await new Promise<string>((resolve) => {
      socket.on('session:ready', () => resolve('ready'));
      socket.on('session:resync', () => resolve('ready'));
      socket.on('connect_error', (error) => resolve(error.message));
    });
    socket.close();
    expect(ready).toBe('ready');
  });

  it('leaves no code in any log', async () => {
    const email = newEmail();
    const token = await register('saas', email);
    const code = await codeFor(email);
    expect((await post(CONFIRM.saas, { code }, token)).status).toBe(200);
    await until('the answer to be logged', async () => logged.some((line) => line.includes('confirm-email')) || null);
    const others = readFileSync(inject('mesh').log, 'utf8').split('\n');
    expect([...logged, ...others].filter((line) => line.includes(code))).toEqual([]);
  });
});
