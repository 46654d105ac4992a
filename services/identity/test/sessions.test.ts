import { identityApi, type Session } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, callerOf, type Running, registration, startForTest } from './support.ts';

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

const PASSWORD = 'correct horse battery';

async function register(given: object = {}): Promise<Session> {
  const { status, body } = await call(running, identityApi.register, { body: registration(given) });
  expect(status).toBe(201);
  return body;
}
const login = (email: string, password = PASSWORD, edition = 'saas') =>
  call(running, identityApi.login, { body: { edition, email, password, ip: '10.0.0.9', userAgent: 'test' } });
const refresh = (refreshToken: string | null, edition = 'saas') =>
  call(running, identityApi.refresh, { body: { edition, refreshToken } });
/** Lets time pass since the session's tokens were used. */
const age = (session: Session, seconds: number) => sql`
  update identity.refresh_tokens set used_at = used_at - ${seconds} * interval '1 second'
  where tenant_id = ${session.tenant.id}`;
const me = (session: Session) => call(running, identityApi.getMe, { caller: callerOf(session) });

describe('a log-in', () => {
  it('opens a new session, with any case of the e-mail', async () => {
    const first = await register();
    const { status, body } = await login(first.user.email.toUpperCase());
    expect(status).toBe(200);
    expect(body).toMatchObject({ user: { id: first.user.id }, tenant: { id: first.tenant.id } });
    expect(callerOf(body).sessionId).not.toBe(callerOf(first).sessionId);
    const [row] = await sql`select ip, user_agent from identity.sessions where id = ${callerOf(body).sessionId!}`;
    expect(row).toMatchObject({ ip: '10.0.0.9', user_agent: 'test' });
  });

  it('takes an e-mail with spaces around it, also when it registers and when a user is added', async () => {
    const around = (email: string) => `\u00a0 ${email}\t\n`;
    const { email } = registration() as { email: string };
    const owner = await register({ email: around(email) });
    expect(owner.user.email).toBe(email);
    expect(await login(around(email))).toMatchObject({ status: 200, body: { user: { id: owner.user.id } } });
    const body = { email: around(`luz.${email}`), password: PASSWORD, firstName: 'Luz' };
    const made = await call(running, identityApi.createUser, { body, caller: callerOf(owner) });
    expect(made).toMatchObject({ status: 201, body: { email: `luz.${email}` } });
  });

  it('answers an unknown user and a wrong password alike, byte for byte', async () => {
    const { user } = await register();
    const wrong = await login(user.email, 'another password');
    const unknown = await login('nobody@tienda.example', 'another password');
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'invalid_credentials' } } });
    expect(unknown.text).toBe(wrong.text);
    expect(unknown.status).toBe(wrong.status);
  });

  it('of a suspended user or tenant says so only after the right password', async () => {
    const { user, tenant } = await register();
    await sql`update identity.users set status = 'suspended' where id = ${user.id}`;
    expect(await login(user.email)).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    expect(await login(user.email, 'another password')).toMatchObject({ status: 401 });
    await sql`update identity.tenants set status = 'suspended' where tenant_id = ${tenant.id}`;
    expect(await login(user.email)).toMatchObject({ status: 403, body: { error: { code: 'tenant_suspended' } } });
  });

  it('deletes sessions that ended long ago', async () => {
    const { user } = await register();
    await sql`update identity.sessions set expires_at = now() - interval '8 days' where user_id = ${user.id}`;
    await login(user.email);
    const rows = await sql`select id from identity.sessions where user_id = ${user.id}`;
    expect(rows).toHaveLength(1);
  });
});

describe('a refresh', () => {
  it('gives a successor and keeps the session', async () => {
    const first = await register();
    const second = await refresh(first.refreshToken);
    expect(second.status).toBe(200);
    expect(second.body.refreshToken).not.toBe(first.refreshToken);
    expect(callerOf(second.body).sessionId).toBe(callerOf(first).sessionId);
    expect(await refresh(second.body.refreshToken)).toMatchObject({ status: 200 });
  });

  it('with a used token after the grace period kills the family', async () => {
    const first = await register();
    const second = await refresh(first.refreshToken);
    await age(first, 31);
    const replay = await refresh(first.refreshToken);
    expect(replay).toMatchObject({ status: 401, body: { error: { code: 'refresh_reused' } } });
    expect(await refresh(second.body.refreshToken)).toMatchObject({ status: 401 });
    expect(await me(second.body)).toMatchObject({ status: 401 });
    expect(await redis.get(`recado:revoked:${callerOf(first).sessionId}`)).toBe('1');
    const [row] = await sql`select revoke_reason from identity.sessions where id = ${callerOf(first).sessionId!}`;
    expect(row!.revoke_reason).toBe('refresh_reused');
    const events = await sql`
      select 1 from identity.outbox where tenant_id = ${first.tenant.id} and subject like '%.session.revoked'`;
    expect(events).toHaveLength(1);
  });

  it('with a used token within the grace period gives the same successor, and the access token goes on', async () => {
    const first = await register();
    const lost = await refresh(first.refreshToken);
    await age(first, 29);
    const again = await refresh(first.refreshToken);
    expect(again).toMatchObject({ status: 200, body: { refreshToken: lost.body.refreshToken } });
    expect(await me(first)).toMatchObject({ status: 200 });
    expect(await refresh(again.body.refreshToken)).toMatchObject({ status: 200 });
  });

  it('with a used token of an ended session gives nothing, within the grace period too', async () => {
    const first = await register();
    await refresh(first.refreshToken);
    await call(running, identityApi.logout, { caller: callerOf(first) });
    expect(await refresh(first.refreshToken)).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
  });

  it('stores no token, only its hash', async () => {
    const { tenant, refreshToken } = await register();
    const [row] = await sql`select token_hash from identity.refresh_tokens where tenant_id = ${tenant.id}`;
    expect(row!.token_hash).toHaveLength(32);
    expect(JSON.stringify(row)).not.toContain(refreshToken);
  });

  it('refuses foreign, forged, expired and other editions tokens', async () => {
    const session = await register();
    const token = session.refreshToken!;
    const other = (await register()).refreshToken!;
    expect(await refresh('nonsense')).toMatchObject({ status: 401 });
    // Another tenant's id before this one's secret finds nothing in that tenant.
    expect(await refresh(other.slice(0, 21) + token.slice(21))).toMatchObject({ status: 401 });
    expect(await refresh(token, 'crm')).toMatchObject({ status: 401 });
    await sql`update identity.refresh_tokens set expires_at = now() where tenant_id = ${session.tenant.id}`;
    expect(await refresh(token)).toMatchObject({ status: 401, body: { error: { code: 'token_expired' } } });
  });

  it('is refused to a suspended user, whose token works again when the suspension ends', async () => {
    const { user, refreshToken } = await register();
    await sql`update identity.users set status = 'suspended' where id = ${user.id}`;
    expect(await refresh(refreshToken)).toMatchObject({ status: 403 });
    await sql`update identity.users set status = 'active' where id = ${user.id}`;
    expect(await refresh(refreshToken)).toMatchObject({ status: 200 });
  });
});

describe('a log-out', () => {
  it('ends the session and its refresh family, and tells edges by event and Redis', async () => {
    const session = await register();
    const other = (await login(session.user.email)).body;
    const caller = callerOf(session);
    expect(await call(running, identityApi.logout, { caller })).toMatchObject({ status: 204 });
    expect(await me(session)).toMatchObject({ status: 401 });
    expect(await refresh(session.refreshToken)).toMatchObject({ status: 401 });
    expect(await redis.get(`recado:revoked:${caller.sessionId}`)).toBe('1');
    expect(await redis.ttl(`recado:revoked:${caller.sessionId}`)).toBeGreaterThan(29 * 86_400);
    expect(await me(other)).toMatchObject({ status: 200 });
    await eventually(async () => {
      const [event] = await sql`
        select envelope, published_at from identity.outbox
        where tenant_id = ${session.tenant.id} and subject like '%.session.revoked'`;
      expect(event!.published_at).not.toBeNull();
      expect(JSON.parse(event!.envelope).data).toEqual({ userId: session.user.id, sessionId: caller.sessionId });
    });
    expect(await call(running, identityApi.logout, { caller })).toMatchObject({ status: 204 });
  });

  it('is remembered by a Redis that lost everything, from the next log-in on', async () => {
    const session = await register();
    const key = `recado:revoked:${callerOf(session).sessionId}`;
    await call(running, identityApi.logout, { caller: callerOf(session) });
    await redis.flushdb();
    await login(session.user.email);
    await eventually(async () => expect(await redis.get(key)).toBe('1'));
  });
});
