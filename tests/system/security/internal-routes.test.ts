import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign as signBytes,
} from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES as ALL_SERVICES, PERMISSION_NAMES, type RouteCaller, type RouteContract } from '@recado/contracts';
import { type Caller, loadConfig, publicKeyText } from '@recado/service-kit';
import {
  internalCaller,
  type Sandbox,
  type StatefulService,
  sample,
  startSandbox,
  type TestDatabase,
  testBus,
  testDatabase,
  testRedis,
} from '@recado/testkit';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { serviceEnv } from '../../../infra/local/mesh-env.ts';
import { randomPorts } from '../../../infra/local/ports.ts';
import { internalTokensOf, loadSecrets, type Secrets } from '../../../infra/local/secrets.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { signAccessToken } from './access-token.ts';
import { type Access, APIS, BUILT_IN, GRANTS, RAW } from './internal-apis.ts';
import { type RegisteredRoute, recordRoutes } from './registered-routes.ts';

// The six services that are not the edge, in this process, on real servers.
interface Running {
  url: string;
  app: FastifyInstance;
  stop(): Promise<void>;
}
interface Service extends Running {
  routes: RegisteredRoute[];
}

const SERVICES = Object.keys(APIS) as StatefulService[];
const services = new Map<StatefulService, Service>();
let database: TestDatabase;
let dataDir: string;
let secrets: Secrets;
let sandbox: Sandbox;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recado-internal-'));
  secrets = loadSecrets(dataDir);
  database = await testDatabase('internal_routes');
  const [bus, redis, ports] = await Promise.all([testBus(), testRedis(), randomPorts()]);
  sandbox = await startSandbox({ port: ports.sandbox });
  const at = { databaseUrl: database.adminUrl, natsUrl: bus.url, redisUrl: redis.url, ports };
  const starts: Record<StatefulService, (env: Record<string, string>) => Promise<Running>> = {
    identity: startOf(
      () => import('../../../services/identity/src/service.ts'),
      'startIdentity',
      () => import('../../../services/identity/src/config.ts'),
    ),
    'channel-connector': startOf(
      () => import('../../../services/channel-connector/src/service.ts'),
      'startChannelConnector',
      () => import('../../../services/channel-connector/src/config.ts'),
    ),
    conversation: startOf(
      () => import('../../../services/conversation/src/service.ts'),
      'startConversation',
      () => import('../../../services/conversation/src/config.ts'),
    ),
    'ai-responder': startOf(
      () => import('../../../services/ai-responder/src/service.ts'),
      'startAiResponder',
      () => import('../../../services/ai-responder/src/config.ts'),
    ),
    scheduler: startOf(
      () => import('../../../services/scheduler/src/service.ts'),
      'startScheduler',
      () => import('../../../services/scheduler/src/config.ts'),
    ),
    analytics: startOf(
      () => import('../../../services/analytics/src/service.ts'),
      'startAnalytics',
      () => import('../../../services/analytics/src/config.ts'),
    ),
  };
  // One after the other: what is registered in its turn is this service's.
  for (const name of SERVICES) {
    const env = {
      ...serviceEnv(name, at, secrets, 'silent', { RECADO_EMAIL_PROOF: 'off' }),
      DATABASE_URL: database.appUrl(name),
      DATABASE_WORKER_URL: database.workerUrl(name),
    };
    const { made, routes } = await recordRoutes(() => starts[name](env));
    services.set(name, { ...made, routes });
  }
});

afterAll(async () => {
  await Promise.all([...services.values()].map((service) => service.stop()));
  await sandbox?.stop();
  await database?.drop();
  if (dataDir) await removeFolder(dataDir);
});

function startOf(
  start: () => Promise<object>,
  name: string,
  config: () => Promise<{ configSchema: unknown }>,
): (env: Record<string, string>) => Promise<Running> {
  return async (env) => {
    const [made, { configSchema }] = await Promise.all([start(), config()]);
    const run = (made as Record<string, (config: unknown) => Promise<Running>>)[name]!;
    return run(loadConfig(configSchema as z.ZodObject, env));
  };
}

const accessOf = ({ auth, access }: RouteContract): Access | undefined => (auth === 'none' ? 'open' : access);

interface Row {
  service: StatefulService;
  /** `POST /users/:userId` */
  route: string;
  /** Undefined when the contract names no access: a fault. */
  who: Access | undefined;
  contract?: RouteContract;
  /** Of a contract's route. */
  name?: string;
}

/** What should be there: contracts, raw routes and those every service has. */
function expectedOf(service: StatefulService): Row[] {
  const named = Object.entries(APIS[service]).map(([name, contract]) => ({
    service,
    name,
    route: `${contract.method} ${contract.path}`,
    who: accessOf(contract),
    contract,
  }));
  const others = Object.entries({ ...RAW[service], ...BUILT_IN }).map(([route, who]) => ({ service, route, who }));
  return [...named, ...others];
}

const rows = SERVICES.flatMap(expectedOf);
const guarded = rows.filter(({ who }) => who !== 'open');

/**
 * Where a sample made from the contract is refused for what it says: then a refusal of the caller
 * could not be told apart.
 */
const QUERIES: Record<string, Record<string, string>> = {
  'GET /webhooks/:provider/verify': { channelId: randomUUID(), mode: 'subscribe', verifyToken: 'x' },
};

function requestOf({ route, contract }: Row, token: string | null, more: Partial<InjectOptions> = {}): InjectOptions {
  const [method, path] = route.split(' ') as ['GET', string];
  const params = contract?.params ? (sample(contract.params) as Record<string, string>) : {};
  const query = QUERIES[route] ?? (contract?.query ? (sample(contract.query) as Record<string, string>) : undefined);
  return {
    method,
    url: path.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(params[name] ?? randomUUID())),
    ...(query ? { query } : {}),
    ...(contract?.body ? { payload: sample(contract.body) as object } : {}),
    ...more,
    headers: { ...(token === null ? {} : { authorization: token }), ...more.headers },
  };
}

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

interface Forgery {
  /** The service whose key signs. */
  by?: RouteCaller;
  /** Signs in its place. */
  key?: KeyObject;
  alg?: string;
  kid?: string;
}

const keyOf = (name: RouteCaller) => createPrivateKey(secrets.internalKeys[name]);

/** A token by hand, as no library would sign it. */
function forge(claims: object, { by = 'gateway', key = keyOf(by), alg = 'EdDSA', kid }: Forgery = {}): string {
  const id =
    kid ??
    createHash('sha256')
      .update(publicKeyText(keyOf(by)))
      .digest('base64url')
      .slice(0, 16);
  const head = `${b64({ alg, typ: 'JWT', kid: id })}.${b64(claims)}`;
  const signatures: Record<string, () => string> = {
    none: () => '',
    None: () => '',
    // The public key is known to many: it must not pass as a shared secret.
    HS256: () => createHmac('sha256', publicPem(by)).update(head).digest('base64url'),
    EdDSA: () => signBytes(null, Buffer.from(head), key).toString('base64url'),
  };
  return `Bearer ${head}.${signatures[alg]!()}`;
}

const publicPem = (name: RouteCaller) => createPublicKey(keyOf(name)).export({ type: 'spki', format: 'pem' });

function claims(more: object = {}): object {
  const now = Math.floor(Date.now() / 1000);
  return { ...internalCaller({ role: 'service' }), aud: SERVICES, iat: now, exp: now + 60, ...more };
}

const without = (from: object, key: string) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => name !== key));

const asConversation = { userId: null, role: 'service', service: 'conversation' };

/** Everything that is not an internal token of this service. */
const strangersOf = (service: StatefulService): Record<string, () => string | null> => ({
  'no token': () => null,
  'an empty one': () => 'Bearer ',
  nonsense: () => 'Bearer a.b.c',
  'another scheme': () => forge(claims()).replace('Bearer', 'Basic'),
  'no scheme': () => forge(claims()).slice(7),
  'an access token': () =>
    `Bearer ${signAccessToken(
      secrets.jwtPrivateKey,
      {
        aud: 'saas',
        sub: randomUUID(),
        tid: randomUUID(),
        sid: randomUUID(),
        role: 'admin',
        perms: [...PERMISSION_NAMES],
      },
      60,
    )}`,
  'an expired one': () => forge(claims({ exp: Math.floor(Date.now() / 1000) - 1 })),
  'one that never expires': () => forge(without(claims(), 'exp')),
  'one for the other services': () => forge(claims({ aud: SERVICES.filter((one) => one !== service) })),
  'another audience': () => forge(claims({ aud: 'recado-internal' })),
  'no audience': () => forge(without(claims(), 'aud')),
  'the key of no service': () => forge(claims(), { key: generateKeyPairSync('ed25519').privateKey }),
  'the key of no service under its own id': () =>
    forge(claims(), { key: generateKeyPairSync('ed25519').privateKey, kid: 'stranger' }),
  'the key of access tokens': () => forge(claims(), { key: createPrivateKey(secrets.jwtPrivateKey) }),
  'the gateway signed by conversation': () => forge(claims(), { by: 'conversation' }),
  'the gateway by its key id, signed by conversation': () => forge(claims(), { key: keyOf('conversation') }),
  'an admin signed by conversation': () =>
    forge(claims({ ...asConversation, role: 'admin', userId: randomUUID() }), { by: 'conversation' }),
  'a user of conversation': () => forge(claims({ ...asConversation, userId: randomUUID() }), { by: 'conversation' }),
  'permissions of conversation': () =>
    forge(claims({ ...asConversation, permissions: [...PERMISSION_NAMES] }), { by: 'conversation' }),
  'an edition of conversation': () => forge(claims({ ...asConversation, edition: 'crm' }), { by: 'conversation' }),
  'a service nobody knows': () => forge(claims({ service: 'nobody' })),
  'algorithm none': () => forge(claims(), { alg: 'none' }),
  'algorithm None': () => forge(claims(), { alg: 'None' }),
  'the public key as a secret': () => forge(claims(), { alg: 'HS256' }),
  'a role nobody has': () => forge(claims({ role: 'root' })),
  'no tenant': () => forge(without(claims(), 'tenantId')),
  'permissions that are no list': () => forge(claims({ permissions: '*' })),
});

const sign = (caller: Partial<Caller>, audience: StatefulService) =>
  `Bearer ${internalTokensOf((caller.service ?? 'gateway') as RouteCaller, secrets).sign(internalCaller(caller), audience)}`;
const CALLERS: RouteCaller[] = [...ALL_SERVICES.filter((one) => one !== 'gateway'), 'operator'];
const REFUSED = 'A valid internal token is required';

describe.each(SERVICES)('%s', (name) => {
  const service = () => services.get(name)!;
  const mine = guarded.filter((row) => row.service === name);

  it('has exactly the routes of its contract, and each names its access', () => {
    expect(expectedOf(name).filter(({ who }) => who === undefined)).toEqual([]);
    const registered = service().routes.map(({ method, url }) => `${method} ${url}`);
    expect([...registered].sort()).toEqual(
      expectedOf(name)
        .map(({ route }) => route)
        .sort(),
    );
  });

  it('refuses callers without an internal token, in the same way on every route', async () => {
    for (const [what, make] of Object.entries(strangersOf(name))) {
      for (const row of mine) {
        const answer = await service().app.inject(requestOf(row, make()));
        expect([what, row.route, answer.statusCode, answer.json()]).toEqual([
          what,
          row.route,
          401,
          { error: { code: 'unauthorized', message: REFUSED } },
        ]);
      }
    }
  });

  it('accepts no header in place of a token', async () => {
    for (const row of mine) {
      const headers = {
        'x-tenant-id': randomUUID(),
        'x-recado-caller': JSON.stringify(internalCaller()),
        'x-internal-token': sign({ role: 'service' }, name).slice(7),
        cookie: `authorization=${sign({ role: 'service' }, name)}`,
      };
      const answer = await service().app.inject(requestOf(row, null, { headers }));
      expect([row.route, answer.statusCode]).toEqual([row.route, 401]);
    }
  });

  it('refuses before it reads any body', async () => {
    const port = Number(new URL(service().url).port);
    for (const { route } of mine.filter(({ route }) => !route.startsWith('GET'))) {
      const [method, path] = route.split(' ') as [string, string];
      const socket = connectSocket(port, '127.0.0.1');
      // Announced and never sent: an answer can only come from the headers.
      socket.write(
        `${method} ${path.replace(/:\w+/g, randomUUID())} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n`,
      );
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      expect([route, chunk.toString().split('\r\n', 1)[0]]).toEqual([route, 'HTTP/1.1 401 Unauthorized']);
      const bad = { headers: { 'content-type': 'text/xml' }, payload: '<a/>' };
      const answer = await service().app.inject({ ...requestOf({ service: name, route, who: 'anyone' }, null, bad) });
      expect([route, answer.statusCode]).toEqual([route, 401]);
    }
  });

  it('admits exactly the callers with the permission', async () => {
    for (const row of mine) {
      const status = async (caller: Partial<Caller>) => {
        const answer = await service().app.inject(requestOf(row, sign(caller, name)));
        // Any answer but a refused stranger or a defect. (503: what the route asks is not part of
        // this test.)
        expect(answer.body.includes(REFUSED), row.route).toBe(false);
        expect([row.route, [500, 502, 504].includes(answer.statusCode) ? answer.body : '']).toEqual([row.route, '']);
        return answer.statusCode;
      };
      const everything = [...PERMISSION_NAMES];
      const asked = [row.who].flat() as string[];
      const seen = {
        nothing: await status({ role: 'admin', permissions: [] }),
        keyWithNothing: await status({ role: 'key', userId: null, apiKeyId: randomUUID(), permissions: [] }),
        allButOne: await status({ role: 'admin', permissions: everything.filter((one) => !asked.includes(one)) }),
        justThat: await status({
          role: 'agent',
          permissions: GRANTS.includes(row.name ?? '') ? everything : everything.filter((one) => one === asked[0]),
        }),
        service: await status({ role: 'service', userId: null, permissions: [] }),
      };
      const refused = Object.fromEntries(Object.entries(seen).map(([who, code]) => [who, code === 403]));
      switch (row.who) {
        case 'anyone':
          expect([row.route, refused.nothing]).toEqual([row.route, false]);
          break;
        case 'service':
          expect([row.route, refused.allButOne, refused.nothing, refused.service]).toEqual([
            row.route,
            true,
            true,
            false,
          ]);
          break;
        default:
          expect([row.route, refused.nothing, refused.keyWithNothing, refused.allButOne, refused.justThat]).toEqual([
            row.route,
            true,
            true,
            true,
            false,
          ]);
      }
    }
  });

  it('lets a service call only the routes that name it', async () => {
    for (const row of mine) {
      const named: readonly RouteCaller[] = row.contract?.callers ?? [];
      for (const other of CALLERS) {
        const caller: Partial<Caller> = { service: other, role: 'service', userId: null };
        const answer = await service().app.inject(requestOf(row, sign(caller, name)));
        const refused = answer.statusCode === 403 && answer.body.includes(`${other} may not call`);
        expect([row.route, other, refused]).toEqual([row.route, other, !named.includes(other)]);
      }
    }
  });

  it('answers on its open routes without a token', async () => {
    for (const row of rows.filter((one) => one.service === name && one.who === 'open')) {
      const answer = await service().app.inject(requestOf(row, null));
      expect([row.route, [200, 503].includes(answer.statusCode)]).toEqual([row.route, true]);
    }
  });
});
