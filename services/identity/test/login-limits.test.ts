import { identityApi, type Session } from '@recado/contracts';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf, login, PASSWORD, register } from './accounts.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

const WRONG = 'not the password';
let running: Running;
let sql: postgres.Sql;
let redis: Redis;
beforeAll(async () => {
  running = await startForTest();
  sql = postgres(running.database.adminUrl, { max: 1 });
  redis = new Redis(running.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await sql.end();
  await running.stop();
});

let addresses = 0;
const newIp = () => `198.51.100.${++addresses}`;
const wrong = (session: Session, given: object = {}) =>
  login(running, session.user.email, { password: WRONG, ...given });

describe('failed log-ins', () => {
  it('of one account from one address block after the fifth, also with the right password', async () => {
    const session = await register(running);
    const ip = newIp();
    for (let i = 0; i < 5; i++) expect(await wrong(session, { ip })).toMatchObject({ status: 401 });
    const sixth = await login(running, session.user.email.toUpperCase(), { ip });
    expect(sixth).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    const seconds = Number(sixth.headers['retry-after']);
    expect(seconds).toBeGreaterThan(880);
    expect(seconds).toBeLessThanOrEqual(900);
  });

  it('from one address do not lock the owner out elsewhere, on any device', async () => {
    const session = await register(running);
    const ip = newIp();
    for (let i = 0; i < 8; i++) await wrong(session, { ip });
    expect(await login(running, session.user.email, { ip })).toMatchObject({ status: 429 });
    expect(await login(running, session.user.email, { ip: newIp() })).toMatchObject({ status: 200 });
  });

  it('from many addresses slow one account down, and leave its known devices alone', async () => {
    const session = await register(running);
    const { email } = session.user;
    const browser = { ip: newIp(), device: 'a'.repeat(22) };
    const script = { ip: newIp(), userAgent: 'erp/1.0' };
    for (const known of [browser, script]) {
      expect(await login(running, email, known)).toMatchObject({ status: 200 });
    }
    for (let i = 0; i < 10; i++) expect(await wrong(session, { ip: newIp() })).toMatchObject({ status: 401 });
    const paused = await login(running, email, { ip: newIp() });
    expect(paused.status).toBe(429);
    expect(Number(paused.headers['retry-after'])).toBeLessThanOrEqual(5);
    // Asked before the log-ins below: the pause lasts 5 s.
    expect(await login(running, email, { ip: newIp(), device: 'b'.repeat(22) })).toMatchObject({ status: 429 });
    // A cookie is known anywhere; without one the neighbourhood and the user agent are.
    expect(await login(running, email, { ...browser, ip: newIp() })).toMatchObject({ status: 200 });
    expect(await login(running, email, script)).toMatchObject({ status: 200 });
    // A device that one account knows is none of another account's.
    const other = await register(running);
    for (let i = 0; i < 10; i++) await wrong(other, { ip: newIp() });
    expect(await login(running, other.user.email, { ...browser, ip: newIp() })).toMatchObject({ status: 429 });
  });

  it('of a known device slow that device down, and no other', async () => {
    const session = await register(running);
    const [one, two] = ['c'.repeat(22), 'd'.repeat(22)];
    for (const device of [one, two]) await login(running, session.user.email, { ip: newIp(), device });
    for (let i = 0; i < 5; i++)
      expect(await wrong(session, { ip: newIp(), device: one })).toMatchObject({ status: 401 });
    const refused = await login(running, session.user.email, { ip: newIp(), device: one });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(5);
    expect(await login(running, session.user.email, { ip: newIp(), device: two })).toMatchObject({ status: 200 });
  });

  it('behind an unnamed proxy block nothing: other accounts log in, this one after a pause', async () => {
    const session = await register(running);
    const proxy = { ip: '10.0.0.7', sharedAddress: true, userAgent: 'Firefox' };
    for (let i = 0; i < 5; i++) expect(await wrong(session, proxy)).toMatchObject({ status: 401 });
    const refused = await login(running, session.user.email, proxy);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(5);
    for (let i = 0; i < 6; i++) {
      await login(running, `ghost${i}@tienda.example`, { ...proxy, password: WRONG });
    }
    const other = await register(running);
    expect(await login(running, other.user.email, proxy)).toMatchObject({ status: 200 });
  });

  it('from one address over many accounts slow down after the fifth, without effect on other addresses', async () => {
    const ip = newIp();
    for (let i = 0; i < 5; i++) {
      expect(await login(running, `nobody${i}@tienda.example`, { password: WRONG, ip })).toMatchObject({ status: 401 });
    }
    const session = await register(running);
    expect(await login(running, session.user.email, { ip })).toMatchObject({ status: 429 });
    expect(await login(running, session.user.email, { ip: newIp() })).toMatchObject({ status: 200 });
  });

  it('of an unknown account behave the same, so that accounts cannot be discovered', async () => {
    const statuses = async (email: string) => {
      const answers = [];
      for (let i = 0; i < 12; i++) answers.push(await login(running, email, { password: WRONG, ip: newIp() }));
      return answers.map(({ status, body: { error } }) => `${status} ${error.code} ${error.message}`);
    };
    const { user } = await register(running);
    expect(await statuses(user.email)).toEqual(await statuses('stranger@tienda.example'));
  });

  it('sent 50 at once are checked five times', async () => {
    const session = await register(running);
    const ip = newIp();
    const answers = await Promise.all(Array.from({ length: 50 }, () => wrong(session, { ip })));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(45);
    await eventuallyAudited(session, 5);
  });

  it('are forgotten by the account when one succeeds', async () => {
    const session = await register(running);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 8; i++) expect(await wrong(session, { ip: newIp() })).toMatchObject({ status: 401 });
      expect(await login(running, session.user.email, { ip: newIp() })).toMatchObject({ status: 200 });
    }
  });

  it('do not hinder an office that logs in from one address all at once', async () => {
    const ip = newIp();
    const sessions = await Promise.all(Array.from({ length: 12 }, () => register(running)));
    // A busy machine may answer "again in two seconds", but never "in fifteen minutes".
    const untilIn = async (email: string): Promise<number> => {
      for (;;) {
        const { status, headers } = await login(running, email, { ip });
        if (status !== 429) return status;
        expect(headers['retry-after']).toBe('2');
      }
    };
    const statuses = await Promise.all(Array.from({ length: 36 }, (_, i) => untilIn(sessions[i % 12]!.user.email)));
    expect(statuses).toEqual(Array(36).fill(200));
  });

  it('of a logged-in user who gives the password block that, and not the log-in', async () => {
    const session = await register(running);
    const change = (currentPassword: string) =>
      call(running, identityApi.changePassword, {
        caller: callerOf(session),
        body: { currentPassword, newPassword: 'another fine password' },
      });
    for (let i = 0; i < 5; i++) expect(await change(WRONG)).toMatchObject({ status: 422 });
    expect(await change(PASSWORD)).toMatchObject({ status: 429 });
    expect(await login(running, session.user.email)).toMatchObject({ status: 200 });
  });

  it('leave neither an e-mail nor an address in Redis, and expire', async () => {
    const session = await register(running);
    await wrong(session, { ip: '203.0.113.77' });
    const keys = await redis.keys('recado:{logins}:failed:*');
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) {
      expect(key).not.toMatch(/@|203\.0/);
      expect(await redis.pttl(key)).toBeGreaterThan(0);
    }
    expect(await redis.keys('recado:{logins}:held:*')).toEqual([]);
  });

  it('of existing users are audited, and of others nothing is', async () => {
    const session = await register(running);
    await wrong(session, { ip: '203.0.113.5', userAgent: 'curl', edition: 'bots' });
    await sql`update identity.users set status = 'inactive' where id = ${session.user.id}`;
    await login(running, session.user.email, { ip: newIp() });
    await eventuallyAudited(session, 2);
    const entries = await auditOf(sql, session.tenant.id, 'session.create');
    expect(entries).toMatchObject([
      {
        success: false,
        reason: 'invalid_credentials',
        entityType: 'user',
        entityId: session.user.id,
        ip: '203.0.113.5',
        userAgent: 'curl',
        edition: 'bots',
        actor: { kind: 'anonymous', userId: null },
      },
      { success: false, reason: 'forbidden' },
    ]);
    expect(JSON.stringify(entries)).not.toContain(WRONG);
  });
});

describe('two copies of the service', () => {
  it('check five of 60 wrong passwords in total', async () => {
    const other = await startForTest();
    try {
      const given = { password: WRONG, ip: newIp() };
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) => login(i % 2 === 0 ? running : other, 'shared@tienda.example', given)),
      );
      expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(55);
    } finally {
      await other.stop();
    }
  });
});

describe('without a user', () => {
  it('a log-in costs a hash too: it takes the only place', async () => {
    const tight = await startForTest({ RECADO_PASSWORD_CONCURRENCY: '1', RECADO_PASSWORD_QUEUE: '0' });
    try {
      const answers = await Promise.all(
        Array.from({ length: 3 }, (_, i) => login(tight, `ghost${i}@tienda.example`, { ip: newIp() })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([401, 429, 429]);
      // Their passwords were not checked, so they are no failures.
      expect(await redis.keys('recado:{logins}:held:*')).toEqual([]);
    } finally {
      await tight.stop();
    }
  });
});

describe('without Redis', () => {
  it('each process limits log-ins by itself, and logs it', async () => {
    const alone = await startForTest({ REDIS_URL: 'redis://127.0.0.1:1' });
    try {
      const session = await register(alone);
      const tries = await Promise.all(
        Array.from({ length: 20 }, () => login(alone, session.user.email, { password: WRONG })),
      );
      expect(tries.filter(({ status }) => status === 401)).toHaveLength(5);
      expect(tries.filter(({ status }) => status === 429)).toHaveLength(15);
      expect(await login(alone, session.user.email)).toMatchObject({ status: 429 });
      expect(await login(alone, (await register(alone)).user.email)).toMatchObject({ status: 200 });
      const metrics = (await alone.identity.app.inject({ url: '/metrics' })).body;
      expect(Number(/recado_login_limits_alone_total\S* (\d+)/.exec(metrics)![1])).toBeGreaterThan(6);
    } finally {
      await alone.stop();
    }
  });
});

/** Audits of failures are written after the answer. */
async function eventuallyAudited(session: Session, count: number): Promise<void> {
  await expect
    .poll(async () => (await auditOf(sql, session.tenant.id, 'session.create')).length, { timeout: 5000 })
    .toBe(count);
}
