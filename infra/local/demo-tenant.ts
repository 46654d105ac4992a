import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createSandboxControl } from '@recado/sandbox';
import { request } from 'undici';
import { readKept, writeKept } from './kept-file.ts';

/** What people may use after `npm start`; kept in `<dataDir>/demo.json`. */
export interface DemoTenant {
  organization: string;
  /** True once all of it was made. */
  complete: boolean;
  admin: { email: string; password: string };
  agents: { email: string; password: string; name: string }[];
  /** The business number, as the sandbox knows it. */
  number: {
    phoneNumberId: string;
    displayPhoneNumber: string;
    wabaId: string;
    accessToken: string;
    appSecret: string;
    verifyToken: string;
  };
}

const PASSWORD = 'Recado-demo-2026';

/**
 * What `npm start` made; null before its first run. @throws Error naming a damaged file and the way
 * out.
 */
export const readDemo = (dataDir: string): DemoTenant | null => readKept<DemoTenant>(join(dataDir, 'demo.json'));

function loadDemo(dataDir: string): DemoTenant {
  const known = readDemo(dataDir);
  if (known) return known;
  const secret = () => randomBytes(16).toString('hex');
  const demo: DemoTenant = {
    organization: 'Tienda Demo',
    complete: false,
    admin: { email: 'admin@demo.recado.local', password: PASSWORD },
    agents: [
      { email: 'sofia@demo.recado.local', password: PASSWORD, name: 'Sofía Gómez' },
      { email: 'mateo@demo.recado.local', password: PASSWORD, name: 'Mateo Silva' },
    ],
    number: {
      phoneNumberId: '109876543210001',
      displayPhoneNumber: '573001112233',
      wabaId: '209876543210001',
      accessToken: `EAA${secret()}`,
      appSecret: secret(),
      verifyToken: secret(),
    },
  };
  saveDemo(dataDir, demo);
  return demo;
}

function saveDemo(dataDir: string, demo: DemoTenant): void {
  writeKept(join(dataDir, 'demo.json'), demo);
}

/**
 * Makes the demo tenant by the public APIs, or finds it: an admin, two agents, a Meta number in the
 * sandbox, the AI on. `invite` gives the operator's invitation for an address.
 * @throws Error with the API's own answer when a call is refused
 */
export async function ensureDemoTenant(
  { gateway, sandbox }: { gateway: string; sandbox: string },
  dataDir: string,
  invite: (email: string) => Promise<string>,
): Promise<DemoTenant> {
  const demo = loadDemo(dataDir);
  const api = createApi(gateway);
  const { email, password } = demo.admin;

  const login = await api.call<{ access_token: string }>('POST', '/v1/auth/login', { body: { email, password } });
  if (login.status === 401) {
    const name = 'Ana Demo';
    await api.must('POST', '/api/v1/auth/register', {
      body: { email, password, name, organizationName: demo.organization, invitation: await invite(email) },
    });
  } else if (login.status !== 200) throw refused('POST', '/v1/auth/login', login);
  const crm = (await api.must<{ access_token: string }>('POST', '/v1/auth/login', { body: { email, password } }))
    .access_token;

  for (const agent of demo.agents) await ensureAgent(api, crm, agent);
  const control = createSandboxControl(sandbox);
  try {
    // The sandbox may have lost its data. Register the number first, because connecting checks its
    // token, then its webhook: like Meta, the sandbox asks it for an echo.
    const number = { ...demo.number, verifiedName: demo.organization };
    await control.addNumber(number);
    const id = await ensureNumber(api, crm, demo);
    await control.addNumber({ ...number, webhookUrl: `${gateway}/v1/webhooks/whatsapp/meta/${id}`, verify: true });
  } finally {
    await control.close();
  }
  // Once only: a user who switches the AI off wants it off after the next start too.
  if (!demo.complete) await switchAiOn(api, demo);
  demo.complete = true;
  saveDemo(dataDir, demo);
  return demo;
}

async function ensureAgent(api: Api, token: string, agent: DemoTenant['agents'][number]): Promise<void> {
  const [first_name, last_name] = agent.name.split(' ');
  const body = { email: agent.email, password: agent.password, first_name, last_name, role_id: 3, status: 'active' };
  const made = await api.call('POST', '/v1/users', { token, body });
  // 409: it is there already
  if (made.status !== 201 && made.status !== 409) throw refused('POST', '/v1/users', made);
}

async function ensureNumber(api: Api, token: string, demo: DemoTenant): Promise<string | number> {
  const { number } = demo;
  const phone = `+${number.displayPhoneNumber}`;
  const listed = await api.must<{ data: { id: string | number; phone_number: string }[] }>(
    'GET',
    '/v1/whatsapp-numbers',
    { token },
  );
  const known = listed.data.find((row) => row.phone_number === phone);
  if (known) return known.id;
  const body = {
    phone_number: phone,
    display_name: 'Ventas',
    provider: 'meta',
    meta_phone_number_id: number.phoneNumberId,
    meta_business_account_id: number.wabaId,
    meta_access_token: number.accessToken,
    meta_app_secret: number.appSecret,
    webhook_verify_token: number.verifyToken,
  };
  return (await api.must<{ id: string | number }>('POST', '/v1/whatsapp-numbers', { token, body })).id;
}

async function switchAiOn(api: Api, demo: DemoTenant): Promise<void> {
  const { email, password } = demo.admin;
  const login = await api.must<{ data: { accessToken: string } }>('POST', '/api/v1/auth/login', {
    body: { email, password },
  });
  const token = login.data.accessToken;
  await api.must('PUT', '/api/v1/ai/config', { token, body: { settings: { responseDelay: 500 } } });
  await api.must('POST', '/api/v1/ai/toggle', { token, body: { enabled: true } });
}

interface Answer<T> {
  status: number;
  body: T;
}
interface Call {
  token?: string;
  body?: unknown;
}
interface Api {
  call<T>(method: 'GET' | 'POST' | 'PUT', path: string, options?: Call): Promise<Answer<T>>;
  /** @throws when the status is not 2xx. */
  must<T>(method: 'GET' | 'POST' | 'PUT', path: string, options?: Call): Promise<T>;
}

function createApi(base: string): Api {
  const call: Api['call'] = async (method, path, { token, body } = {}) => {
    const answer = await request(`${base}${path}`, {
      method,
      headersTimeout: 15_000,
      bodyTimeout: 15_000,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
  };
  return {
    call,
    async must<T>(method: 'GET' | 'POST' | 'PUT', path: string, options?: Call) {
      const answer = await call<T>(method, path, options);
      if (answer.status < 200 || answer.status > 299) throw refused(method, path, answer);
      return answer.body;
    },
  };
}

function refused(method: string, path: string, answer: Answer<unknown>): Error {
  return new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`);
}
