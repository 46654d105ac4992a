import { identityApi, PERMISSION_NAMES, permissionsOf, type Session, uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, operator, type People, peopleOf } from './people.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

let running: Running;
let people: People;
let admin: Session;
let supervisor: Session;
let agent: Session;
let stranger: Session;
beforeAll(async () => {
  running = await startForTest();
  people = peopleOf(running);
  [admin, stranger] = await Promise.all([people.register({ plan: 'enterprise' }), people.register()]);
  [supervisor, agent] = await Promise.all([
    people.join(admin, { role: 'supervisor', firstName: 'Eva' }),
    people.join(admin, { role: 'agent', firstName: 'Juan' }),
  ]);
});
afterAll(async () => {
  await people.sql.end();
  await running.stop();
});

const refused = (code: string, entity?: string) => ({ error: entity ? { code, entity } : { code } });

describe('changing a user', () => {
  it('changes the given fields, with one event, and keeps the rest', async () => {
    const { body: user } = await people.create(admin, { lastName: 'Paz', phone: '+51999888777' });
    const { status, body } = await people.update(admin, user.id, {
      firstName: 'Lucía',
      phone: '+52 1 55 1234 5678',
      avatarUrl: 'https://cdn.example/a.png',
      maxConcurrentChats: 9,
      lastName: 'Paz',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ firstName: 'Lucía', lastName: 'Paz', phone: '+525512345678', maxConcurrentChats: 9 });
    expect(body).toMatchObject({ avatarUrl: 'https://cdn.example/a.png', email: user.email, role: 'agent' });
    const audits = (await people.audits(admin.tenant.id, 'user.update')).filter(({ entityId }) => entityId === user.id);
    expect(audits).toHaveLength(1);
    expect(audits[0]).toMatchObject({
      actor: { kind: 'user', userId: admin.user.id },
      entityType: 'user',
      success: true,
      changes: {
        firstName: { from: 'Luz', to: 'Lucía' },
        phone: { from: '+51999888777', to: '+525512345678' },
        maxConcurrentChats: { from: 5, to: 9 },
        avatarUrl: { from: null, to: 'https://cdn.example/a.png' },
      },
    });
    const told = await people.events<{ changed: string[] }>(admin.tenant.id, 'user.updated');
    const mine = told.filter((event) => event.subject === user.id);
    expect(mine).toHaveLength(1);
    expect(new Set(mine[0]!.data.changed)).toEqual(new Set(['firstName', 'phone', 'maxConcurrentChats', 'avatarUrl']));
  });

  it('that changes nothing emits no event', async () => {
    const { body: user } = await people.create(admin);
    const { status, body } = await people.update(admin, user.id, { firstName: 'Luz', status: 'active', role: 'agent' });
    expect(status).toBe(200);
    expect(body).toEqual(user);
    const told = await people.events(admin.tenant.id, 'user.updated');
    expect(told.filter((event) => event.subject === user.id)).toHaveLength(0);
  });

  it.each([
    [{ phone: 'call me' }, 'phone'],
    [{ avatarUrl: 'javascript:alert(1)' }, 'avatarUrl'],
    [{ avatarUrl: 'data:text/html,x' }, 'avatarUrl'],
    [{ password: '12345678' }, 'password'],
    [{ tenantId: uuidv7() }, 'tenantId'],
    [{ permissions: ['users.read'] }, 'permissions'],
  ])('refuses %o', async (body, field) => {
    const { body: user } = await people.create(admin);
    const answer = await people.update(admin, user.id, body);
    expect(answer.status).toBe(422);
    expect(answer.body.error.details).toEqual([expect.objectContaining({ field })]);
  });

  it('to an e-mail that is taken, here or elsewhere, is refused', async () => {
    const { body: user } = await people.create(admin);
    for (const email of [admin.user.email, stranger.user.email]) {
      const answer = await people.update(admin, user.id, { email });
      expect(answer).toMatchObject({ status: 409, body: refused('conflict', 'user') });
    }
  });

  it('of another tenant, removed or unknown gives the same 404', async () => {
    const { body: removed } = await people.create(admin);
    await people.remove(admin, removed.id);
    const answers = await Promise.all(
      [stranger.user.id, removed.id, uuidv7()].flatMap((id) => [
        people.get(admin, id),
        people.update(admin, id, { firstName: 'X' }),
        people.update(admin, id, { password: 'correct horse battery' }),
        people.remove(admin, id),
        call(running, identityApi.setAgentStatus, {
          params: { userId: id },
          body: { agentStatus: 'busy' },
          caller: callerOf(admin),
        }),
        call(running, identityApi.listAgentStatusHistory, { params: { userId: id }, caller: callerOf(admin) }),
      ]),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it.each(['role', 'status', 'password'])('ends the user’s sessions with another %s', async (field) => {
    const session = await people.join(admin);
    const values: Record<string, string> = {
      role: 'supervisor',
      status: 'suspended',
      password: 'another horse battery',
    };
    expect(await people.update(admin, session.user.id, { [field]: values[field] })).toMatchObject({ status: 200 });
    expect(await people.me(session)).toMatchObject({ status: 401 });
    const revoked = await people.events<{ userId: string; sessionId: null }>(admin.tenant.id, 'session.revoked');
    expect(revoked.filter(({ data }) => data.userId === session.user.id)).toMatchObject([
      { data: { sessionId: null } },
    ]);
  });

  it('leaves the sessions alone when no right changes', async () => {
    const session = await people.join(admin);
    await people.update(admin, session.user.id, { firstName: 'Otra', maxConcurrentChats: 2 });
    expect(await people.me(session)).toMatchObject({ status: 200 });
  });

  it('records that a password changed, and never its value', async () => {
    const { body: user } = await people.create(admin);
    await people.update(admin, user.id, { password: 'another horse battery' });
    const audits = (await people.audits(admin.tenant.id, 'user.update')).filter(({ entityId }) => entityId === user.id);
    expect(audits).toMatchObject([{ changes: { password: { from: '***', to: '***' } } }]);
    expect(await people.login(user.email)).toMatchObject({ status: 401 });
    expect(await people.login(user.email, 'another horse battery')).toMatchObject({ status: 200 });
  });

  it('to inactive sets the user offline', async () => {
    const session = await people.join(admin);
    const userId = session.user.id;
    await call(running, identityApi.setAgentStatus, {
      params: { userId },
      body: { agentStatus: 'available' },
      caller: callerOf(session),
    });
    const { body } = await people.update(admin, userId, { status: 'inactive' });
    expect(body).toMatchObject({ status: 'inactive', agentStatus: 'offline' });
    const told = await people.events<{ userId: string }>(admin.tenant.id, 'presence.changed');
    expect(told.filter(({ data }) => data.userId === userId)).toMatchObject([
      { data: { agentStatus: 'available' } },
      { data: { agentStatus: 'offline', previousStatus: 'available' } },
    ]);
    expect(await people.login(session.user.email)).toMatchObject({ status: 403 });
  });
});

describe('permission to change users', () => {
  it.each([
    ['a supervisor', () => callerOf(supervisor)],
    ['an agent', () => callerOf(agent)],
    ['a key without the permission', () => keyOf(admin, ['users.read'])],
    ['a service on its own account', () => ({ ...operator, tenantId: admin.tenant.id })],
  ])('not %s', async (_, caller) => {
    const { body: user } = await people.create(admin);
    const answers = await Promise.all([
      people.create(caller()),
      people.update(caller(), user.id, { firstName: 'X' }),
      people.update(caller(), user.id, { role: 'admin' }),
      people.remove(caller(), user.id),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ status: 403, body: refused('forbidden') });
    expect(await people.get(admin, user.id)).toMatchObject({ body: { firstName: 'Luz', role: 'agent' } });
  });

  it('a key with every permission, in its own name', async () => {
    const key = keyOf(admin, [...PERMISSION_NAMES]);
    const { status, body } = await people.create(key, { role: 'admin' });
    expect(status).toBe(201);
    expect(await people.update(key, body.id, { role: 'agent' })).toMatchObject({
      status: 200,
      body: { role: 'agent' },
    });
    const audits = (await people.audits(admin.tenant.id, 'user.create')).filter(({ entityId }) => entityId === body.id);
    expect(audits).toMatchObject([{ actor: { kind: 'api_key', userId: null, apiKeyId: key.apiKeyId } }]);
  });

  it('includes the own profile for every user, and no more', async () => {
    const own = agent.user.id;
    expect(await people.update(agent, own, { firstName: 'Juanito', phone: null })).toMatchObject({ status: 200 });
    for (const body of [
      { role: 'admin' },
      { maxConcurrentChats: 99 },
      { email: 'x@y.example' },
      { status: 'active' },
    ]) {
      expect(await people.update(agent, own, body)).toMatchObject({ status: 403 });
    }
    const changed = await call(running, identityApi.updateMe, {
      body: { firstName: 'Juan', lastName: 'Pérez', phone: '573001234567', avatarUrl: null },
      caller: callerOf(agent),
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { firstName: 'Juan', lastName: 'Pérez', phone: '+573001234567' },
    });
    expect(
      await call(running, identityApi.updateMe, { body: { role: 'admin' }, caller: callerOf(agent) }),
    ).toMatchObject({ status: 422 });
    expect(await call(running, identityApi.updateMe, { body: {}, caller: keyOf(admin, []) })).toMatchObject({
      status: 401,
    });
  });

  it('does not include the own role, status or password', async () => {
    const second = await people.join(admin, { role: 'admin' });
    for (const body of [{ role: 'agent' }, { status: 'inactive' }, { password: 'another horse battery' }]) {
      expect(await people.update(second, second.user.id, body)).toMatchObject({ status: 403 });
    }
    expect(await people.remove(second, second.user.id)).toMatchObject({ status: 403 });
    // A whole form with what is already so is no change.
    const same = { role: 'admin', status: 'active', firstName: 'Ada' };
    expect(await people.update(second, second.user.id, same)).toMatchObject({
      status: 200,
      body: { firstName: 'Ada' },
    });
    await people.remove(admin, second.user.id);
  });
});

describe('rights beyond one’s own', () => {
  let lead: Session;
  beforeAll(async () => {
    const permissions = [...permissionsOf('supervisor'), 'users.create', 'users.update', 'users.delete'];
    const { body: role } = await people.createRole(admin, { baseRole: 'supervisor', permissions });
    lead = await people.join(admin, { customRoleId: role.id });
  });

  it('cannot be given by making a user', async () => {
    const { body: strong } = await people.createRole(admin, { permissions: ['tenant.update'] });
    const { body: adminLike } = await people.createRole(admin, { baseRole: 'admin', permissions: ['chats.read'] });
    expect(await people.create(lead, { role: 'admin' })).toMatchObject({ status: 403 });
    expect(await people.create(lead, { customRoleId: strong.id })).toMatchObject({ status: 403 });
    expect(await people.create(lead, { customRoleId: adminLike.id })).toMatchObject({ status: 403 });
    expect(await people.create(lead, { role: 'supervisor' })).toMatchObject({ status: 201 });
    expect(await people.create(keyOf(admin, ['users.create']), {})).toMatchObject({ status: 403 });
    expect(await people.create(lead, { customRoleId: uuidv7() })).toMatchObject({
      status: 404,
      body: refused('not_found', 'role'),
    });
  });

  it('cannot be given by changing a user', async () => {
    const { body: user } = await people.create(admin);
    const { body: strong } = await people.createRole(admin, { permissions: ['api_keys.manage'] });
    expect(await people.update(lead, user.id, { role: 'admin' })).toMatchObject({ status: 403 });
    expect(await people.update(lead, user.id, { customRoleId: strong.id })).toMatchObject({ status: 403 });
    expect(await people.update(lead, user.id, { role: 'supervisor' })).toMatchObject({ status: 200 });
  });

  it('cannot be gained by taking a user over, nor removed from them', async () => {
    const { body: other } = await people.create(admin, { role: 'admin' });
    for (const body of [
      { password: 'another horse battery' },
      { email: `mine${uuidv7()}@tienda.example` },
      { status: 'suspended' },
      { role: 'agent' },
    ]) {
      expect(await people.update(lead, other.id, body)).toMatchObject({ status: 403 });
    }
    expect(await people.remove(lead, other.id)).toMatchObject({ status: 403 });
    expect(await people.update(lead, other.id, { firstName: 'Otro' })).toMatchObject({ status: 200 });
  });
});

describe('the last admin', () => {
  const last = { status: 409, body: refused('conflict', 'last_admin') };

  it('is neither demoted, suspended, switched off, given a narrower role nor removed', async () => {
    const session = await people.register();
    const { id } = session.user;
    const { body: role } = await people.createRole(session, { baseRole: 'admin' });
    const { body: idle } = await people.create(session, { role: 'admin', status: 'inactive' });
    const key = keyOf(session, [...PERMISSION_NAMES]);
    for (const by of [callerOf(session), key]) {
      for (const body of [
        { role: 'agent' },
        { status: 'suspended' },
        { status: 'inactive' },
        { customRoleId: role.id },
      ]) {
        expect(await people.update(by, id, body)).toMatchObject(last);
      }
      expect(await people.remove(by, id)).toMatchObject(last);
    }
    // Not the last one any more.
    await people.update(session, idle.id, { status: 'active' });
    expect(await people.update(key, id, { role: 'agent' })).toMatchObject({ status: 200 });
    expect(await people.update(key, idle.id, { role: 'agent' })).toMatchObject(last);
  });

  it('is still there after 50 demotions, suspensions and removals at once', async () => {
    const session = await people.register({ plan: 'enterprise' });
    const key = keyOf(session, [...PERMISSION_NAMES]);
    const made = await Promise.all(Array.from({ length: 9 }, () => people.create(session, { role: 'admin' })));
    const admins = [session.user.id, ...made.map(({ body }) => body.id as string)];
    const requests = admins.flatMap((id) => [
      () => people.update(key, id, { role: 'agent' }),
      () => people.update(key, id, { status: 'suspended' }),
      () => people.update(key, id, { status: 'inactive' }),
      () => people.remove(key, id),
      () => people.update(key, id, { role: 'supervisor' }),
    ]);
    const answers = await Promise.all(requests.map((request) => request()));
    const [row] = await people.sql`
      select count(*)::int as n from identity.users
      where tenant_id = ${session.tenant.id} and role = 'admin' and status = 'active' and deleted_at is null`;
    expect(row!.n).toBe(1);
    expect(answers.some(({ body }) => body?.error?.entity === 'last_admin')).toBe(true);
    for (const { status } of answers) expect([200, 204, 404, 409]).toContain(status);
  });
});

describe('removing a user', () => {
  it('ends sessions, frees the e-mail, and leaves the name to history', async () => {
    const session = await people.join(admin, { firstName: 'Rosa', role: 'agent' });
    const { id, email } = session.user;
    expect(await people.remove(admin, id)).toMatchObject({ status: 204 });
    expect(await people.me(session)).toMatchObject({ status: 401 });
    expect(await people.login(email)).toMatchObject({ status: 401, body: refused('invalid_credentials') });
    expect(await people.get(admin, id)).toMatchObject({ status: 404 });
    expect((await people.list(admin, { search: email })).body).toMatchObject({ total: 0, items: [] });
    const found = await people.list(admin, { ids: `${id},${admin.user.id}` });
    expect(found.body.items).toMatchObject([{ id: admin.user.id }, { id, firstName: 'Rosa', status: 'inactive' }]);
    expect(await people.remove(admin, id)).toMatchObject({ status: 404 });

    const again = await people.create(stranger, { email });
    expect(again.status).toBe(201);
    expect(again.body.id).not.toBe(id);
    expect(await people.login(email)).toMatchObject({ status: 200, body: { tenant: { id: stranger.tenant.id } } });

    const audits = (await people.audits(admin.tenant.id, 'user.delete')).filter(({ entityId }) => entityId === id);
    expect(audits).toMatchObject([{ changes: { email: { from: email, to: null } } }]);
    const told = await people.events<{ userId: string }>(admin.tenant.id, 'user.deleted');
    expect(told.filter(({ data }) => data.userId === id)).toHaveLength(1);
  });

  it('makes room in the plan', async () => {
    const session = await people.register({ plan: 'starter' });
    const { body: user } = await people.create(session);
    await people.create(session);
    expect(await people.create(session)).toMatchObject({ status: 403, body: refused('plan_limit', 'maxUsers') });
    await people.remove(session, user.id);
    expect(await people.create(session)).toMatchObject({ status: 201 });
  });

  it('leaves no password, second factor or role behind', async () => {
    const { body: role } = await people.createRole(admin);
    const { body: user } = await people.create(admin, { customRoleId: role.id });
    await people.remove(admin, user.id);
    const [row] = await people.sql`
      select password_hash, two_factor_at, custom_role_id, status from identity.users where id = ${user.id}`;
    expect(row).toEqual({ password_hash: '', two_factor_at: null, custom_role_id: null, status: 'inactive' });
    expect(
      await call(running, identityApi.deleteRole, { params: { roleId: role.id }, caller: callerOf(admin) }),
    ).toMatchObject({ status: 204 });
  });
});

describe('the list', () => {
  it('filters by role, own role, status, presence and search text together, and pages', async () => {
    const session = await people.register({ plan: 'enterprise', name: 'Zoe Admin' });
    const { body: role } = await people.createRole(session, { baseRole: 'agent' });
    for (const given of [
      { firstName: 'José', lastName: 'Del_Río 100%' },
      { firstName: 'Eva', status: 'inactive' },
      { firstName: 'Ana', customRoleId: role.id },
      { firstName: 'Sol', role: 'supervisor' },
    ]) {
      expect((await people.create(session, given)).status).toBe(201);
    }
    const names = async (query: Record<string, string>) =>
      (await people.list(session, query)).body.items.map((user: { firstName: string }) => user.firstName);
    expect(await names({ role: 'agent' })).toEqual(['José', 'Eva', 'Ana']);
    expect(await names({ customRoleId: role.id })).toEqual(['Ana']);
    expect(await names({ status: 'inactive', role: 'agent' })).toEqual(['Eva']);
    expect(await names({ agentStatus: 'offline', role: 'supervisor' })).toEqual(['Sol']);
    expect(await names({ agentStatus: 'busy' })).toEqual([]);
    expect(await names({ search: 'l_r' })).toEqual(['José']);
    expect(await names({ search: '100%' })).toEqual(['José']);
    expect(await names({ search: 'josé DEL' })).toEqual(['José']);
    expect(await names({ search: '\\' })).toEqual([]);
    const page = await people.list(session, { limit: '2', page: '2' });
    expect(page.body).toMatchObject({ total: 5, items: [{ firstName: 'Eva' }, { firstName: 'Ana' }] });
    expect((await people.list(session, { page: '99999' })).body).toMatchObject({ total: 5, items: [] });
    expect(await people.list(session, { limit: '101' })).toMatchObject({ status: 422 });
  });
});
