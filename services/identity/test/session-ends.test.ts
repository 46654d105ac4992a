import { identityApi, type Session, uuidv7 } from '@recado/contracts';
import { connect, type Database, withTenant } from '@recado/database';
import { testLogger } from '@recado/testkit';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announceEnded, endTenantSessions, endUserSessions } from '../src/sessions/end.ts';
import { createRevocations } from '../src/sessions/revocations.ts';
import { auditOf, login, me, PASSWORD, register } from './accounts.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

const NEW_PASSWORD = 'another fine password';
let running: Running;
let sql: postgres.Sql;
let redis: Redis;
let db: Database;
beforeAll(async () => {
  running = await startForTest();
  sql = postgres(running.database.adminUrl, { max: 2 });
  redis = new Redis(running.redisUrl);
  db = connect({ url: running.database.appUrl('identity'), name: 'test' });
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([sql.end(), db.close()]);
  await running.stop();
});

const changePassword = (session: Session, given: object = {}) =>
  call(running, identityApi.changePassword, {
    caller: callerOf(session),
    body: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...given },
  });
const renew = (session: Session, edition = 'bots') =>
  call(running, identityApi.renew, { caller: callerOf(session), body: { edition } });
const refresh = (session: Session) =>
  call(running, identityApi.refresh, { body: { edition: 'saas', refreshToken: session.refreshToken } });
const isRevoked = async (session: Session) =>
  (await redis.get(`recado:revoked:${callerOf(session).sessionId}`)) === '1';
async function revokedEvents(tenantId: string) {
  const rows = await sql`
    select envelope from identity.outbox where tenant_id = ${tenantId} and subject like '%.session.revoked'
    order by created_at, id`;
  return rows.flatMap(({ envelope }) => JSON.parse(envelope)).map(({ data }) => data);
}
/** A second user of the tenant, logged in. */
async function colleague(admin: Session): Promise<Session> {
  const email = `c${uuidv7()}@tienda.example`;
  const body = { email, password: PASSWORD, firstName: 'Luz' };
  expect(await call(running, identityApi.createUser, { caller: callerOf(admin), body })).toMatchObject({ status: 201 });
  return (await login(running, email)).body;
}

describe('a change of the password', () => {
  it('ends all sessions of the user everywhere, this one too, and no other user’s', async () => {
    const first = await register(running);
    const second: Session = (await login(running, first.user.email, { edition: 'bots' })).body;
    const other = await colleague(first);
    expect(await changePassword(first)).toMatchObject({ status: 204 });
    for (const session of [first, second]) {
      expect(await me(running, session)).toMatchObject({ status: 401 });
      expect(await isRevoked(session)).toBe(true);
      expect(await renew(session)).toMatchObject({ status: 401 });
    }
    expect(await refresh(first)).toMatchObject({ status: 401 });
    expect(await me(running, other)).toMatchObject({ status: 200 });
    expect(await isRevoked(other)).toBe(false);
    // One event for all of them: edges close every socket of the user.
    expect(await revokedEvents(first.tenant.id)).toEqual([{ userId: first.user.id, sessionId: null }]);
    expect(await login(running, first.user.email)).toMatchObject({ status: 401 });
    expect(await login(running, first.user.email, { password: NEW_PASSWORD })).toMatchObject({ status: 200 });
  });

  it('is refused with a wrong, a common or a short password, by field, and changes nothing', async () => {
    const session = await register(running);
    const field = async (given: object) => (await changePassword(session, given)).body.error.details[0].field;
    expect(await field({ currentPassword: 'not the password' })).toBe('currentPassword');
    expect(await field({ newPassword: 'qwerty123456' })).toBe('newPassword');
    expect(await field({ newPassword: 'short' })).toBe('newPassword');
    expect(await me(running, session)).toMatchObject({ status: 200 });
    await expect
      .poll(() => auditOf(sql, session.tenant.id, 'user.change_password'))
      .toMatchObject([{ success: false, reason: 'validation_failed', entityId: session.user.id }]);
  });

  it('takes long passwords whole', async () => {
    const session = await register(running);
    const long = `${'contraseña '.repeat(22)}x`;
    expect(await changePassword(session, { newPassword: long })).toMatchObject({ status: 204 });
    expect(await login(running, session.user.email, { password: `${long.slice(0, -1)}y` })).toMatchObject({
      status: 401,
    });
    expect(await login(running, session.user.email, { password: long })).toMatchObject({ status: 200 });
  });

  it('ends a log-in with the old password that was in flight', async () => {
    const session = await register(running);
    // On a busy machine the account's queue may be too long. Then the change is tried again.
    const change = async () => {
      for (;;) {
        const answer = await changePassword(session);
        if (answer.status !== 429) return answer;
      }
    };
    const logins = Array.from({ length: 12 }, () => login(running, session.user.email, { edition: 'bots' }));
    const [changed, ...answers] = await Promise.all([change(), ...logins]);
    expect(changed).toMatchObject({ status: 204 });
    const opened = answers.filter(({ status }) => status === 200);
    for (const { body } of opened) expect(await me(running, body)).toMatchObject({ status: 401 });
    const live = await sql`
      select 1 from identity.sessions where user_id = ${session.user.id} and revoked_at is null`;
    expect(live).toHaveLength(0);
  });

  it('of two at once happens once', async () => {
    const session = await register(running);
    const answers = await Promise.all([
      changePassword(session, { newPassword: 'first new password' }),
      changePassword(session, { newPassword: 'second new password' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
    const entries = await auditOf(sql, session.tenant.id, 'user.change_password');
    expect(entries).toMatchObject([{ success: true, actor: { kind: 'user', userId: session.user.id } }]);
  });
});

describe('the sessions of several users', () => {
  it('end together, with one event for each user who had any', async () => {
    const admin = await register(running);
    const { id: tenantId } = admin.tenant;
    const [a, b] = [await colleague(admin), await colleague(admin)];
    await call(running, identityApi.logout, { caller: callerOf(b) });
    const before = (await revokedEvents(tenantId)).length;
    const ended = await withTenant(db, tenantId, (tx) =>
      endUserSessions(tx, tenantId, [a.user.id, b.user.id], 'role_changed'),
    );
    expect(ended).toEqual([callerOf(a).sessionId]);
    expect((await revokedEvents(tenantId)).slice(before)).toEqual([{ userId: a.user.id, sessionId: null }]);
    expect(await me(running, admin)).toMatchObject({ status: 200 });
  });

  it('of a whole tenant end, thousands of them, and no other tenant’s', async () => {
    const admin = await register(running);
    const other = await register(running);
    const { id: tenantId } = admin.tenant;
    const a = await colleague(admin);
    await sql`
      insert into identity.sessions (tenant_id, id, user_id, edition, expires_at)
      select ${tenantId}, gen_random_uuid(), ${a.user.id}, 'bots', now() + interval '1 day' from generate_series(1, 2500)`;
    const ended = await withTenant(db, tenantId, (tx) => endTenantSessions(tx, tenantId, 'tenant_suspended'));
    expect(ended).toHaveLength(2502);
    const log = testLogger();
    const revocations = createRevocations({ redis, list: async () => [], log });
    await announceEnded({ revocations }, ended);
    expect(await redis.exists(...ended.map((id) => `recado:revoked:${id}`))).toBe(2502);
    expect(await me(running, admin)).toMatchObject({ status: 401 });
    expect(await me(running, other)).toMatchObject({ status: 200 });
    expect(await isRevoked(other)).toBe(false);
  });

  it('that ended while Redis was empty are written again at the next log-in', async () => {
    const session = await register(running);
    await changePassword(session);
    await redis.flushdb();
    await login(running, session.user.email, { password: NEW_PASSWORD });
    await expect.poll(() => isRevoked(session)).toBe(true);
  });
});

describe('a renewal', () => {
  it('gives a new access token of the same session, which lives as long as the token', async () => {
    const session = await register(running, { edition: 'bots' });
    await sql`
      update identity.sessions set expires_at = now() + interval '1 minute' where id = ${callerOf(session).sessionId!}`;
    const { status, body } = await renew(session);
    expect(status).toBe(200);
    expect(body).toMatchObject({ refreshToken: null, expiresIn: 604_800, user: { id: session.user.id } });
    expect(callerOf(body)).toEqual(callerOf(session));
    expect(await me(running, body)).toMatchObject({ status: 200 });
    const [row] = await sql`
      select extract(epoch from expires_at - now())::int as seconds
      from identity.sessions where id = ${callerOf(session).sessionId!}`;
    expect(row!.seconds).toBeGreaterThan(604_000);
  });

  it('makes no session live longer by asking another edition', async () => {
    const session = await register(running, { edition: 'saas' });
    const { body } = await renew(session, 'bots');
    expect(body.expiresIn).toBe(900);
    expect(callerOf(body).edition).toBe('saas');
  });

  it('shows what changed since: the role, the name', async () => {
    const session = await register(running, { edition: 'scheduler' });
    await sql`update identity.users set role = 'agent' where id = ${session.user.id}`;
    const { body } = await renew(session, 'scheduler');
    expect(callerOf(body)).toMatchObject({ role: 'agent' });
    expect(callerOf(body).permissions).not.toContain('users.create');
  });

  it('is refused to an ended session, by the table, and without a session', async () => {
    const session = await register(running, { edition: 'bots' });
    await call(running, identityApi.logout, { caller: callerOf(session) });
    await redis.flushdb();
    expect(await renew(session)).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
    const caller = { ...callerOf(session), sessionId: undefined };
    const answer = await call(running, identityApi.renew, { caller, body: { edition: 'bots' } });
    expect(answer).toMatchObject({ status: 401 });
  });

  it('of another user’s session is no renewal', async () => {
    const session = await register(running, { edition: 'bots' });
    const other = await colleague(session);
    const caller = { ...callerOf(session), sessionId: callerOf(other).sessionId };
    expect(await call(running, identityApi.renew, { caller, body: { edition: 'bots' } })).toMatchObject({
      status: 401,
    });
  });
});

describe('the audit log', () => {
  it('keeps log-ins, log-outs and replays of refresh tokens, once each', async () => {
    const first = await register(running, { ip: '192.0.2.1', userAgent: 'Firefox' });
    const second: Session = (await login(running, first.user.email, { ip: '192.0.2.2', userAgent: 'curl' })).body;
    await call(running, identityApi.logout, { caller: callerOf(second) });
    await call(running, identityApi.logout, { caller: callerOf(second) });
    await refresh(first);
    await sql`
      update identity.refresh_tokens set used_at = now() - interval '1 minute'
      where tenant_id = ${first.tenant.id} and used_at is not null`;
    await refresh(first);
    const entries = await auditOf(sql, first.tenant.id);
    const actor = { kind: 'user', userId: first.user.id };
    expect(entries).toMatchObject([
      {
        action: 'tenant.create',
        actor,
        entityId: first.tenant.id,
        ip: '192.0.2.1',
        userAgent: 'Firefox',
        edition: 'saas',
        changes: { plan: { from: null, to: 'pro' } },
      },
      { action: 'session.create', actor, entityType: 'session', entityId: callerOf(second).sessionId, ip: '192.0.2.2' },
      { action: 'session.revoke', actor, entityId: callerOf(second).sessionId, success: true },
      {
        action: 'session.revoke',
        actor: { kind: 'anonymous', userId: null },
        entityId: callerOf(first).sessionId,
        success: false,
        reason: 'refresh_reused',
      },
    ]);
    expect(entries).toHaveLength(4);
  });
});
