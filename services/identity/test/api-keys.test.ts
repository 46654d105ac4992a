import { identityApi, PERMISSION_NAMES, type Session, uuidv7 } from '@recado/contracts';
import { serviceCaller } from '@recado/service-kit';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf, register } from './accounts.ts';
import { call, callerOf, callerWithRole, type Running, startForTest } from './support.ts';

let running: Running;
let sql: postgres.Sql;
let redis: Redis;
beforeAll(async () => {
  running = await startForTest();
  sql = postgres(running.database.adminUrl, { max: 2 });
  redis = new Redis(running.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await sql.end();
  await running.stop();
});

const create = (session: Session, given: object = {}, caller = callerOf(session)) =>
  call(running, identityApi.createApiKey, { caller, body: { name: 'ERP', permissions: ['chats.read'], ...given } });
const list = (session: Session, query: Record<string, string> = {}) =>
  call(running, identityApi.listApiKeys, { caller: callerOf(session), query });
const revoke = (session: Session, apiKeyId: string) =>
  call(running, identityApi.revokeApiKey, { caller: callerOf(session), params: { apiKeyId } });
const authenticate = (key: string, ip?: string) =>
  call(running, identityApi.authenticateApiKey, { body: { key, ...(ip ? { ip } : {}) } });

describe('an API key', () => {
  it('is shown once, stored as a hash, and gives its owner and permissions', async () => {
    const session = await register(running);
    const { status, body } = await create(session, { permissions: ['chats.read', 'messages.create', 'chats.read'] });
    expect(status).toBe(201);
    expect(identityApi.createApiKey.responses[201].parse(body)).toEqual(body);
    const { key, apiKey } = body;
    expect(key).toMatch(/^rcd_[\w-]{64}$/);
    expect(key.startsWith(apiKey.prefix)).toBe(true);
    expect(apiKey).toMatchObject({
      name: 'ERP',
      permissions: ['chats.read', 'messages.create'],
      createdBy: session.user.id,
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
    });
    expect(await authenticate(key)).toMatchObject({
      status: 200,
      body: {
        apiKeyId: apiKey.id,
        tenantId: session.tenant.id,
        permissions: ['chats.read', 'messages.create'],
        expiresAt: null,
      },
    });
    expect(JSON.stringify((await list(session)).body)).not.toContain(key);
    const rows = await sql`select * from identity.api_keys where id = ${apiKey.id}`;
    expect(JSON.stringify(rows)).not.toContain(key.slice(12));
    expect(rows[0]!.key_hash).toHaveLength(32);
  });

  it('is made only with permission, and with no more rights than its maker', async () => {
    const session = await register(running);
    expect(await create(session, {}, callerWithRole(session, 'supervisor'))).toMatchObject({ status: 403 });
    const service = { ...callerOf(session), userId: null, role: 'service' as const, permissions: [] };
    expect(await create(session, {}, service)).toMatchObject({ status: 403 });
    const limited = { ...callerOf(session), permissions: ['api_keys.manage', 'chats.read'] };
    expect(await create(session, { permissions: ['chats.read', 'users.create'] }, limited)).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden' } },
    });
    expect(await create(session, { permissions: ['chats.read'] }, limited)).toMatchObject({ status: 201 });
    expect(await create(session, { permissions: [...PERMISSION_NAMES] })).toMatchObject({ status: 201 });
    expect(await create(session, { permissions: ['no.such'] })).toMatchObject({ status: 422 });
    for (const [contract, given] of [
      [identityApi.listApiKeys, {}],
      [identityApi.revokeApiKey, { params: { apiKeyId: uuidv7() } }],
    ] as const) {
      const answer = await call(running, contract, { caller: callerWithRole(session, 'agent'), ...given });
      expect(answer).toMatchObject({ status: 403 });
    }
  });

  it('made by a key has no user, and says so', async () => {
    const session = await register(running);
    const caller = {
      ...callerOf(session),
      userId: null,
      role: 'key' as const,
      apiKeyId: uuidv7(),
      sessionId: undefined,
    };
    const { status, body } = await create(session, {}, caller);
    expect(status).toBe(201);
    expect(body.apiKey.createdBy).toBeNull();
    const [entry] = await auditOf(sql, session.tenant.id, 'api_key.create');
    expect(entry!.actor).toEqual({ kind: 'api_key', userId: null, apiKeyId: caller.apiKeyId, service: null });
    expect(await revoke(session, body.apiKey.id)).toMatchObject({ status: 204 });
  });

  it('ends at its given time, in at most ten years', async () => {
    const session = await register(running);
    const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
    const year = 365 * 86_400_000;
    for (const expiresAt of [inMs(-1000), inMs(11 * year), 'tomorrow']) {
      expect(await create(session, { expiresAt })).toMatchObject({
        status: 422,
        body: { error: { details: [{ field: 'expiresAt' }] } },
      });
    }
    const expiresAt = inMs(9 * year);
    const { key, apiKey } = (await create(session, { expiresAt })).body;
    expect(apiKey.expiresAt).toBe(expiresAt);
    expect(await authenticate(key)).toMatchObject({ status: 200, body: { expiresAt } });
    await sql`update identity.api_keys set expires_at = now() where id = ${apiKey.id}`;
    expect(await authenticate(key)).toMatchObject({ status: 401 });
  });

  it('stops working when it is revoked, and edges and sockets are notified', async () => {
    const session = await register(running);
    const { key, apiKey } = (await create(session)).body;
    expect(await revoke(session, apiKey.id)).toMatchObject({ status: 204 });
    expect(await authenticate(key)).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } });
    expect(await redis.get(`recado:revoked:${apiKey.id}`)).toBe('1');
    const [event] = await sql`
      select envelope from identity.outbox
      where tenant_id = ${session.tenant.id} and subject like '%.session.revoked'`;
    expect(JSON.parse(event!.envelope).data).toEqual({ userId: session.user.id, sessionId: apiKey.id });
    const again = await revoke(session, apiKey.id);
    expect(again).toMatchObject({ status: 204 });
    expect((await auditOf(sql, session.tenant.id)).map(({ action }) => action)).toEqual([
      'tenant.create',
      'api_key.create',
      'api_key.revoke',
    ]);
  });

  it('is shown to a service of its tenant also after its end, and to no person without the right', async () => {
    const [a, b] = [await register(running), await register(running)];
    const { apiKey } = (await create(a)).body;
    const show = (caller: ReturnType<typeof callerOf>) =>
      call(running, identityApi.getApiKey, { caller, params: { apiKeyId: apiKey.id } });
    const service = (session: Session) => serviceCaller('conversation', session.tenant.id);
    expect(await show(service(a))).toMatchObject({ status: 200, body: { id: apiKey.id, revokedAt: null } });
    await revoke(a, apiKey.id);
    expect(await show(service(a))).toMatchObject({ status: 200, body: { revokedAt: expect.any(String) } });
    expect(await show(callerOf(a))).toMatchObject({ status: 200 });
    expect(await show(service(b))).toMatchObject({ status: 404 });
    expect(await show({ ...callerOf(a), permissions: ['chats.read'] })).toMatchObject({ status: 403 });
  });

  it('of a suspended tenant is refused, and so is a forged or another tenant’s', async () => {
    const [a, b] = [await register(running), await register(running)];
    const { key } = (await create(a)).body;
    const foreign = (await create(b)).body;
    await sql`update identity.tenants set status = 'suspended' where tenant_id = ${a.tenant.id}`;
    const suspended = await authenticate(key);
    expect(suspended).toMatchObject({ status: 401 });
    for (const forged of ['rcd_', 'x', `rcd_${'A'.repeat(64)}`, key.slice(0, 50) + foreign.key.slice(50)]) {
      expect((await authenticate(forged)).text).toBe(suspended.text);
    }
    const missing = await revoke(a, uuidv7());
    const others = await revoke(a, foreign.apiKey.id);
    expect(others).toMatchObject({ status: 404 });
    expect(others.text).toBe(missing.text);
    expect(await authenticate(foreign.key)).toMatchObject({ status: 200 });
  });

  it('notes its last use, once a minute', async () => {
    const session = await register(running);
    const { key, apiKey } = (await create(session)).body;
    const used = async () => (await list(session)).body.items[0];
    const before = Date.now();
    await Promise.all(Array.from({ length: 5 }, () => authenticate(key, '192.0.2.9')));
    const first = await used();
    expect(Date.parse(first.lastUsedAt)).toBeGreaterThanOrEqual(before);
    expect(first.lastUsedIp).toBe('192.0.2.9');
    await authenticate(key, '192.0.2.10');
    expect(await used()).toEqual(first);
    await sql`update identity.api_keys set last_used_at = now() - interval '61 seconds' where id = ${apiKey.id}`;
    await authenticate(key, '192.0.2.10');
    expect(await used()).toMatchObject({ lastUsedIp: '192.0.2.10' });
  });

  it('is one of at most a hundred live ones, also when many are made at once', async () => {
    const session = await register(running);
    await sql`
      insert into identity.api_keys (tenant_id, id, name, key_hash, prefix, permissions, revoked_at)
      select ${session.tenant.id}, gen_random_uuid(), 'old', decode(md5(n::text), 'hex'), 'rcd_old', '{}',
             case when n > 95 then now() end
      from generate_series(1, 110) n`;
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(session)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    for (const { status, body } of answers) if (status !== 201) expect(body.error).toMatchObject({ entity: 'api_key' });
  });
});

describe('the list of API keys', () => {
  it('shows the tenant’s own, latest first, by page, live or revoked', async () => {
    const [session, other] = [await register(running), await register(running)];
    await create(other);
    const made = [];
    for (const name of ['one', 'two', 'three']) made.push((await create(session, { name })).body.apiKey);
    await revoke(session, made[1].id);
    const names = async (query: Record<string, string> = {}) => {
      const { body } = await list(session, query);
      return [body.total, body.items.map(({ name }: { name: string }) => name)];
    };
    expect(await names()).toEqual([3, ['three', 'two', 'one']]);
    expect(await names({ revoked: 'false' })).toEqual([2, ['three', 'one']]);
    expect(await names({ revoked: 'true' })).toEqual([1, ['two']]);
    expect(await names({ page: '2', limit: '2' })).toEqual([3, ['one']]);
  });
});
