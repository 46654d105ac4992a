import { identityApi, type Session } from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register } from './accounts.ts';
import { operator, type People, peopleOf } from './people.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

let running: Running;
let people: People;
beforeAll(async () => {
  // Postgres alone decides.
  running = await startForTest({ REDIS_URL: 'redis://127.0.0.1:1' });
  people = peopleOf(running);
});
afterAll(async () => {
  await people.sql.end();
  await running.stop();
});

const check = async (caller: Partial<Caller>) => (await call(running, identityApi.checkLive, { caller })).status;
const setStatus = (session: Session, body: object) =>
  call(running, identityApi.setTenantStatus, { params: { tenantId: session.tenant.id }, body, caller: operator });

describe('without Redis a session', () => {
  it('is alive until it is logged out', async () => {
    const caller = callerOf(await register(running));
    expect(await check(caller)).toBe(204);
    await call(running, identityApi.logout, { caller });
    expect(await check(caller)).toBe(401);
  });

  it('of an admin who was suspended is over', async () => {
    const owner = await register(running);
    const admin = await people.join(owner, { role: 'admin' });
    expect(await check(callerOf(admin))).toBe(204);
    await people.update(owner, admin.user.id, { status: 'suspended' });
    expect(await check(callerOf(admin))).toBe(401);
    expect(await check(callerOf(owner))).toBe(204);
  });

  it('of a suspended tenant is over, and its keys are', async () => {
    const owner = await register(running);
    const key = await keyOf(owner);
    expect(await check(key)).toBe(204);
    await setStatus(owner, { status: 'suspended' });
    expect(await check(callerOf(owner))).toBe(401);
    expect(await check(key)).toBe(401);
  });

  it('is not valid for another user or tenant', async () => {
    const [one, other] = [callerOf(await register(running)), callerOf(await register(running))];
    expect(await check({ ...one, sessionId: other.sessionId })).toBe(401);
    expect(await check({ ...one, userId: other.userId })).toBe(401);
    expect(await check({ ...one, tenantId: other.tenantId })).toBe(401);
    expect(await check({ ...one, sessionId: undefined })).toBe(401);
  });
});

describe('without Redis an API key', () => {
  it('is alive until it is revoked', async () => {
    const owner = await register(running);
    const key = await keyOf(owner);
    expect(await check(key)).toBe(204);
    const params = { apiKeyId: key.apiKeyId! };
    await call(running, identityApi.revokeApiKey, { params, caller: callerOf(owner) });
    expect(await check(key)).toBe(401);
  });
});

/** The caller that a gateway makes of a new key. */
async function keyOf(owner: Session): Promise<Partial<Caller>> {
  const body = { name: 'ERP', permissions: ['users.create'] };
  const { apiKey } = (await call(running, identityApi.createApiKey, { body, caller: callerOf(owner) })).body;
  const { tenantId } = callerOf(owner);
  return { tenantId, userId: null, role: 'key', permissions: apiKey.permissions, edition: 'saas', apiKeyId: apiKey.id };
}
