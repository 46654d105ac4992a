import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { identityApi, type RouteContract } from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import {
  eventually,
  internalEnv,
  internalToken,
  type Sandbox,
  startSandbox,
  testBus,
  testDatabase,
  testRedis,
} from '@recado/testkit';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { codeOf } from './accounts.ts';
import { callerOf, registration } from './support.ts';

const START_MS = 60_000;
let base = '';

it('no secret is in a log, an event, a table or Redis', { timeout: 2 * START_MS }, async () => {
  const [database, bus, redisAt, sandbox] = await Promise.all([
    testDatabase('identity'),
    testBus(),
    testRedis(),
    startSandbox(),
  ]);
  const service = startProcess({
    DATABASE_URL: database.appUrl('identity'),
    DATABASE_WORKER_URL: database.workerUrl('identity'),
    NATS_URL: bus.url,
    REDIS_URL: redisAt.url,
    RECADO_SMTP_URL: `${sandbox.smtpUrl}?ignoreTLS=true`,
    RECADO_MAIL_FROM: 'Recado <no-reply@recado.example>',
    RECADO_CONFIRM_URL: 'https://app.example/confirm',
  });
  const sql = postgres(database.adminUrl, { max: 1 });
  const redis = new Redis(redisAt.url);
  try {
    base = await service.url();
    const secrets = await useEverySecret(sandbox);
    expect(secrets.length).toBeGreaterThan(20);
    // Everything asked for is answered; now what was left behind.
    await eventually(async () => {
      const [row] = await sql`select count(*)::int as n from identity.outbox where published_at is null`;
      expect(row!.n).toBe(0);
    });
    const places: Record<string, string> = { log: service.output() };
    const tables = await sql`
      select table_name as name from information_schema.tables where table_schema = 'identity'`;
    expect(tables.length).toBeGreaterThan(8);
    for (const { name } of tables) {
      const rows = await sql`select t::text as row from identity.${sql(name)} t`;
      places[name] = rows.map(({ row }) => row).join('\n');
    }
    const keys = await redis.keys('*');
    places.redis = keys.join('\n');
    expect(places.log).toContain('/me/password');
    expect(places.outbox!.length).toBeGreaterThan(1000);
    for (const [place, content] of Object.entries(places)) {
      for (const [name, secret] of secrets) {
        const hex = Buffer.from(secret).toString('hex');
        expect(content.includes(secret), `${name} in ${place}`).toBe(false);
        expect(content.includes(hex), `${name} in ${place}, as bytes`).toBe(false);
      }
    }
  } finally {
    redis.disconnect();
    await sql.end();
    await service.stop();
    await sandbox.stop();
    await database.drop();
  }
});

/**
 * Goes every way that has to do with secrets, right and wrong ones. @returns all of them, by name
 */
async function useEverySecret(sandbox: Sandbox): Promise<[string, string][]> {
  const secrets: [string, string][] = [];
  const keep = (name: string, secret: string) => {
    secrets.push([name, secret]);
    return secret;
  };
  const canary = (name: string) => keep(name, `canary-${name}-${randomBytes(6).toString('hex')}`);
  const password = canary('password');
  const account = registration({ password });
  const session = (await ask(identityApi.register, { body: account })).body;
  keep('access token', session.accessToken);
  keep('refresh token', session.refreshToken);
  const caller = callerOf(session);
  const { email } = account;
  const { text } = await eventually(async () => {
    const [mail] = await sandbox.control.mails(email);
    expect(mail).toBeDefined();
    return mail!;
  });
  const mailCode = keep('code of a mail', /\b\d{8}\b/.exec(text)![0]);
  keep('token of a mail', new URL(/https:\S+/.exec(text)![0]).searchParams.get('token')!);
  expect(await ask(identityApi.proveEmail, { caller, body: { code: mailCode } })).toMatchObject({ status: 204 });
  const login = (given: object) => ask(identityApi.login, { body: { edition: 'saas', email, password, ...given } });

  expect(await login({ password: canary('wrong-password') })).toMatchObject({ status: 401 });
  expect(await login({ [canary('unknown-key')]: canary('unknown-value') })).toMatchObject({ status: 422 });
  expect(await login({ password: [canary('mistyped-password')] })).toMatchObject({ status: 422 });
  const { body: factor } = await ask(identityApi.enableTwoFactor, { caller });
  keep('secret of the second factor', factor.secret);
  for (const code of factor.backupCodes) keep('backup code', code);
  const code = codeOf(factor.secret);
  expect(await ask(identityApi.verifyTwoFactor, { caller, body: { code } })).toMatchObject({ status: 204 });
  const challenge = (await login({})).body.error.challengeToken;
  keep('challenge token', challenge);
  // As long as a backup code, and of its letters: anything else is refused before it is looked up.
  const wrongCode = Array.from(randomBytes(12), (byte) => 'abcdefghjkmnpqrstuvwxyz'[byte % 23]).join('');
  const complete = (given: string) =>
    ask(identityApi.completeLogin, { body: { edition: 'saas', challengeToken: challenge, code: given } });
  keep('wrong code', wrongCode);
  expect(await complete(wrongCode)).toMatchObject({ status: 401 });
  expect(await complete(factor.backupCodes[0])).toMatchObject({ status: 200 });
  const refresh = () => ask(identityApi.refresh, { body: { edition: 'saas', refreshToken: session.refreshToken } });
  keep('second refresh token', (await refresh()).body.refreshToken);
  const second = (await login({ code: factor.backupCodes[1] })).body;
  expect(await refresh()).toMatchObject({ status: 401 });

  const own = callerOf(second);
  const key = await ask(identityApi.createApiKey, { caller: own, body: { name: 'ERP', permissions: ['chats.read'] } });
  keep('API key', key.body.key);
  expect(await ask(identityApi.authenticateApiKey, { body: { key: key.body.key } })).toMatchObject({ status: 200 });
  const forged = keep('forged key', `rcd_${randomBytes(48).toString('base64url')}`);
  expect(await ask(identityApi.authenticateApiKey, { body: { key: forged } })).toMatchObject({ status: 401 });
  const newPassword = canary('new-password');
  for (const [currentPassword, status] of [
    [canary('wrong-current'), 422],
    [password, 204],
  ] as const) {
    const body = { currentPassword, newPassword };
    expect(await ask(identityApi.changePassword, { caller: own, body })).toMatchObject({ status });
  }
  return secrets;
}

async function ask(route: RouteContract, given: { body?: object; caller?: Partial<Caller> }) {
  const answer = await fetch(`${base}${route.path}`, {
    method: route.method,
    headers: {
      authorization: `Bearer ${internalToken(given.caller)}`,
      ...(given.body ? { 'content-type': 'application/json' } : {}),
    },
    ...(given.body ? { body: JSON.stringify(given.body) } : {}),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** The service as a process of its own, logging all it can. */
function startProcess(env: Record<string, string>) {
  const { privateKey } = generateKeyPairSync('ed25519');
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], {
    env: {
      ...env,
      PORT: '0',
      LOG_LEVEL: 'trace',
      LOG_FORMAT: 'json',
      ...internalEnv('identity'),
      // A used refresh token that comes again is a replay at once.
      RECADO_REFRESH_GRACE: '0',
      RECADO_JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      RECADO_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    output: () => output,
    /** Where it answers, once it does. */
    url: () =>
      eventually(
        () => {
          const url = /"url":"(http[^"]+)"[^\n]*identity listens/.exec(output)?.[1];
          if (!url) throw new Error(`identity does not listen: ${output.slice(-2000)}`);
          return url;
        },
        { timeoutMs: START_MS },
      ),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
