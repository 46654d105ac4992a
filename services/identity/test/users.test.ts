import { identityApi, type Session, type User, uuidv7 } from '@recado/contracts';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, callerOf, callerWithRole, type Running, registration, startForTest } from './support.ts';

let running: Running;
let a: Session;
let b: Session;
beforeAll(async () => {
  running = await startForTest();
  [a, b] = await Promise.all([register(), register()]);
});
afterAll(() => running.stop());

async function register(given: object = {}): Promise<Session> {
  return (await call(running, identityApi.register, { body: registration(given) })).body;
}
const newUser = (given: object = {}) => ({
  email: `u${uuidv7()}@tienda.example`,
  password: 'correct horse battery',
  firstName: 'Luz',
  ...given,
});
const create = (session: Session, given: object = {}, caller = callerOf(session)) =>
  call(running, identityApi.createUser, { body: newUser(given), caller });
const list = (session: Session, query: Record<string, string> = {}) =>
  call(running, identityApi.listUsers, { query, caller: callerOf(session) });

describe('a user', () => {
  it('is added by an admin and can log in', async () => {
    const { status, body } = await create(a, { lastName: 'Paz', phone: '+51999888777', role: 'supervisor' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ firstName: 'Luz', lastName: 'Paz', phone: '+51999888777', role: 'supervisor' });
    expect(body).toMatchObject({ maxConcurrentChats: 5, autoAssign: true, agentStatus: 'offline', lastLoginAt: null });
    expect(body).not.toHaveProperty('passwordHash');
    const login = { edition: 'crm', email: body.email, password: 'correct horse battery' };
    const session = await call(running, identityApi.login, { body: login });
    expect(session.body.user).toMatchObject({ id: body.id, role: 'supervisor' });
    expect(session.body.tenant.id).toBe(a.tenant.id);
  });

  it.each(['supervisor', 'agent'] as const)('is not added by a %s', async (role) => {
    const answer = await create(a, {}, callerWithRole(a, role));
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
  });

  it('has an e-mail that is unique across tenants', async () => {
    const { body } = await create(a);
    const answer = await create(b, { email: body.email });
    expect(answer).toMatchObject({ status: 409, body: { error: { entity: 'user' } } });
  });

  it('is refused with a common password, or with keys that are the tenant’s to set', async () => {
    expect(await create(a, { password: '12345678' })).toMatchObject({ status: 422 });
    expect(await create(a, { tenantId: b.tenant.id })).toMatchObject({ status: 422 });
  });
});

describe('the plan', () => {
  it('holds when 30 users are added at once', async () => {
    const session = await register();
    const sql = postgres(running.database.adminUrl, { max: 1 });
    await sql`update identity.tenants set plan = 'basic' where tenant_id = ${session.tenant.id}`;
    const answers = await Promise.all(Array.from({ length: 30 }, () => create(session)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
    const refused = answers.filter(({ status }) => status !== 201);
    for (const { body } of refused) expect(body.error).toMatchObject({ code: 'plan_limit', entity: 'maxUsers' });
    const [row] = await sql`select count(*)::int as n from identity.users where tenant_id = ${session.tenant.id}`;
    expect(row!.n).toBe(5);
    await sql.end();
  });
});

describe('the list of users', () => {
  it('leaves out another tenant’s ids like unknown ones', async () => {
    const { body } = await list(a, { ids: `${a.user.id},${b.user.id},${uuidv7()}` });
    expect(body).toMatchObject({ total: 1, items: [{ id: a.user.id }] });
  });

  it('gives all the ids asked for, past the size of a page', async () => {
    const session = await register();
    const users: User[] = [];
    for (let i = 0; i < 3; i++) users.push((await create(session)).body);
    const { body } = await list(session, { ids: users.map((user) => user.id).join(), limit: '1' });
    expect(body.items.map((user: User) => user.id)).toEqual(users.map((user) => user.id));
  });

  it('filters by role, status and search text, and pages', async () => {
    const session = await register({ name: 'Zoe' });
    await create(session, { firstName: 'José', lastName: 'Del_Río', email: 'jose@filter.example' });
    await create(session, { firstName: 'Eva', status: 'inactive' });
    const names = async (query: Record<string, string>) =>
      (await list(session, query)).body.items.map((user: User) => user.firstName);
    expect(await names({})).toEqual(['Zoe', 'José', 'Eva']);
    expect(await names({ role: 'admin' })).toEqual(['Zoe']);
    expect(await names({ status: 'inactive' })).toEqual(['Eva']);
    for (const search of ['JOSÉ del', 'jose DEL']) expect(await names({ search })).toEqual(['José']);
    expect(await names({ search: 'filter.ex' })).toEqual(['José']);
    expect(await names({ search: 'l_r' })).toEqual(['José']);
    expect(await names({ search: '%' })).toEqual([]);
    const second = await list(session, { page: '2', limit: '2' });
    expect(second.body).toMatchObject({ total: 3, items: [{ firstName: 'Eva' }] });
  });
});

describe('callers without rights', () => {
  it('get nothing without an internal token', async () => {
    const answer = await running.identity.app.inject({ url: '/users' });
    expect(answer.statusCode).toBe(401);
  });

  it('see no row without naming a tenant, even with the database password of the service', async () => {
    const sql = postgres(running.database.appUrl('identity'), { max: 1 });
    for (const table of ['tenants', 'users', 'sessions', 'refresh_tokens']) {
      expect(await sql`select 1 from ${sql(table)}`).toHaveLength(0);
    }
    await sql.end();
  });
});
