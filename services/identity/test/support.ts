import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type identityApi, permissionsOf, type RouteContract, type Session } from '@recado/contracts';
import { type Caller, loadConfig } from '@recado/service-kit';
import { internalEnv, internalToken, type TestDatabase, testBus, testDatabase, testRedis } from '@recado/testkit';
import { createDecoder } from 'fast-jwt';
import { configSchema } from '../src/config.ts';
import type { StartOptions } from '../src/create-deps.ts';
import { type Identity, startIdentity } from '../src/service.ts';

export interface Running {
  identity: Identity;
  database: TestDatabase;
  redisUrl: string;
  natsUrl: string;
  /** Another process of the same service: the same database, keys and settings. */
  startCopy(): Promise<Running>;
  stop(): Promise<void>;
}

/** Identity on servers of this test file's own. */
export async function startForTest(
  env: Record<string, string> = {},
  options: Pick<StartOptions, 'mail'> = {},
): Promise<Running> {
  const [database, bus, redis] = await Promise.all([testDatabase('identity'), testBus(), testRedis()]);
  const { privateKey } = generateKeyPairSync('ed25519');
  const config = loadConfig(configSchema, {
    PORT: '0',
    DATABASE_URL: database.appUrl('identity'),
    DATABASE_WORKER_URL: database.workerUrl('identity'),
    NATS_URL: bus.url,
    REDIS_URL: redis.url,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    ...internalEnv('identity'),
    RECADO_JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().replaceAll('\n', '\\n'),
    RECADO_ENV: 'production',
    RECADO_EMAIL_PROOF: 'off',
    RECADO_PASSWORD_NICE: '0',
    RECADO_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    ...env,
  });
  const run = async (stop: () => Promise<void>): Promise<Running> => {
    const identity = await startIdentity(config, { ...options, validateResponses: true });
    return {
      identity,
      database,
      redisUrl: redis.url,
      natsUrl: bus.url,
      startCopy: () => run(async () => {}),
      async stop() {
        await identity.stop();
        await stop();
      },
    };
  };
  return run(() => database.drop());
}

/** Calls a route of identityApi through inject. */
export async function call(
  { identity }: Running,
  contract: (typeof identityApi)[keyof typeof identityApi],
  given: {
    params?: Record<string, string>;
    body?: object;
    query?: Record<string, string>;
    caller?: Partial<Caller>;
  } = {},
) {
  const { method, path } = contract as RouteContract;
  const answer = await identity.app.inject({
    method,
    url: path.replaceAll(/:(\w+)/g, (_, name: string) => given.params?.[name] ?? ''),
    query: given.query ?? {},
    headers: { authorization: `Bearer ${internalToken(given.caller)}` },
    ...(given.body ? { payload: given.body } : {}),
  });
  return {
    status: answer.statusCode,
    text: answer.body,
    body: answer.body ? answer.json() : null,
    headers: answer.headers,
  };
}

/** The caller a gateway makes of a session's access token. */
export function callerOf(session: Session): Partial<Caller> {
  const claims = createDecoder()(session.accessToken);
  const { tid: tenantId, sub: userId, role, perms: permissions, sid: sessionId, aud: edition } = claims;
  return { tenantId, userId, role, permissions, sessionId, edition, service: 'gateway' };
}

/** A caller of the tenant with the default permissions of a role. */
export function callerWithRole(session: Session, role: 'admin' | 'supervisor' | 'agent'): Partial<Caller> {
  return { ...callerOf(session), role, permissions: permissionsOf(role) };
}

let counter = 0;
/** A new registration. */
export function registration(given: object = {}) {
  counter++;
  return {
    edition: 'saas',
    tenantName: `Tienda ${counter}`,
    email: `owner${counter}@tienda.example`,
    password: 'correct horse battery',
    name: 'Ana María Ruiz',
    ...given,
  };
}
