import { identityApi, LATER_PERMISSIONS, permissionsOf, type Session, uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, type People, peopleOf } from './people.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

let running: Running;
let people: People;
let admin: Session;
let stranger: Session;
beforeAll(async () => {
  running = await startForTest();
  people = peopleOf(running);
  [admin, stranger] = await Promise.all([people.register({ plan: 'enterprise' }), people.register()]);
});
afterAll(async () => {
  await people.sql.end();
  await running.stop();
});

const change = (by: Session, roleId: string, body: object) =>
  call(running, identityApi.updateRole, { params: { roleId }, body, caller: callerOf(by) });
const remove = (by: Session, roleId: string) =>
  call(running, identityApi.deleteRole, { params: { roleId }, caller: callerOf(by) });
const list = (by: Session) => call(running, identityApi.listRoles, { caller: callerOf(by) });

describe('an admin whose session is older than a permission', () => {
  it('still makes admins and agents, and gives a role that permission', async () => {
    const known = permissionsOf('admin').filter((name) => !LATER_PERMISSIONS.includes(name));
    const caller = { ...callerOf(await people.register({ plan: 'enterprise' })), permissions: known };
    for (const role of ['admin', 'agent'] as const) {
      const body = {
        email: `${uuidv7()}@example.com`,
        password: 'Correct-horse-7',
        firstName: 'Eva',
        lastName: '',
        role,
      };
      expect((await call(running, identityApi.createUser, { body, caller })).status).toBe(201);
    }
    const body = {
      name: 'copias',
      displayName: 'Copias',
      baseRole: 'agent' as const,
      permissions: ['backups.create' as const],
    };
    expect((await call(running, identityApi.createRole, { body, caller })).status).toBe(201);
  });

  it('gives nothing that its own role does not have', async () => {
    const owner = await people.register({ plan: 'enterprise' });
    const { body: role } = await people.createRole(owner, {
      name: 'gestores',
      displayName: 'Gestores',
      baseRole: 'admin',
      permissions: ['roles.manage', 'chats.read'],
    });
    const session = await people.join(owner, { customRoleId: role.id });
    const body = {
      name: 'x-copias',
      displayName: 'X',
      baseRole: 'agent' as const,
      permissions: ['backups.restore' as const],
    };
    expect((await call(running, identityApi.createRole, { body, caller: callerOf(session) })).status).toBe(403);
  });
});

describe('a role of the tenant’s own', () => {
  it('sets its users’ permissions, in the order of the table', async () => {
    const { status, body: role } = await people.createRole(admin, {
      name: 'ventas',
      displayName: 'Ventas',
      baseRole: 'supervisor',
      permissions: ['messages.read', 'users.read', 'chats.read', 'users.read'],
    });
    expect(status).toBe(201);
    const permissions = ['users.read', 'chats.read', 'messages.read'];
    expect(role).toMatchObject({
      name: 'ventas',
      displayName: 'Ventas',
      baseRole: 'supervisor',
      permissions,
      userCount: 0,
    });

    const session = await people.join(admin, { customRoleId: role.id, role: 'agent' });
    const customRole = { id: role.id, name: 'ventas', displayName: 'Ventas' };
    expect(session.user).toMatchObject({ role: 'supervisor', customRole, permissions });
    expect(callerOf(session)).toMatchObject({ role: 'supervisor', permissions });
    const refreshed = await call(running, identityApi.refresh, {
      body: { edition: 'saas', refreshToken: session.refreshToken },
    });
    expect(callerOf(refreshed.body)).toMatchObject({ role: 'supervisor', permissions });
    expect((await people.list(admin, { role: 'supervisor' })).body.items).toMatchObject([
      { id: session.user.id, customRole },
    ]);
    const items = (await list(admin)).body.items as { id: string }[];
    expect(items.find(({ id }) => id === role.id)).toMatchObject({ userCount: 1 });
    expect(await people.audits(admin.tenant.id, 'role.create')).toMatchObject([
      { entityType: 'role', entityId: role.id, changes: { permissions: { from: null, to: permissions } } },
    ]);
  });

  it('can be replaced by a built-in role, and set again', async () => {
    const { body: role } = await people.createRole(admin, { baseRole: 'agent', permissions: ['chats.read'] });
    const session = await people.join(admin, { customRoleId: role.id });
    const { id } = session.user;
    const kept = await people.update(admin, id, { firstName: 'Otra', role: 'agent' });
    expect(kept.body).toMatchObject({ customRole: { id: role.id }, permissions: ['chats.read'] });
    expect(await people.me(session)).toMatchObject({ status: 200 });
    const none = await people.update(admin, id, { customRoleId: null });
    expect(none.body).toMatchObject({ customRole: null, role: 'agent', permissions: permissionsOf('agent') });
    expect(await people.me(session)).toMatchObject({ status: 401 });
    await people.update(admin, id, { customRoleId: role.id });
    const other = await people.update(admin, id, { role: 'supervisor' });
    expect(other.body).toMatchObject({ customRole: null, role: 'supervisor' });
    const audits = (await people.audits(admin.tenant.id, 'user.update')).filter(({ entityId }) => entityId === id);
    expect(audits.map(({ changes }) => changes?.customRole)).toEqual([
      undefined,
      { from: role.name, to: null },
      { from: null, to: role.name },
      { from: role.name, to: null },
    ]);
  });

  it('with other permissions ends its holders’ sessions and no others', async () => {
    const { body: role } = await people.createRole(admin);
    const [holder, second, bystander] = await Promise.all([
      people.join(admin, { customRoleId: role.id }),
      people.join(admin, { customRoleId: role.id }),
      people.join(admin),
    ]);
    expect(await change(admin, role.id, { displayName: 'Otro nombre' })).toMatchObject({ status: 200 });
    expect(await people.me(holder)).toMatchObject({ status: 200 });
    const permissions = ['chats.read', 'chats.update'];
    expect(await change(admin, role.id, { permissions })).toMatchObject({
      status: 200,
      body: { permissions, userCount: 2 },
    });
    expect(await people.me(holder)).toMatchObject({ status: 401 });
    expect(await people.me(second)).toMatchObject({ status: 401 });
    expect(await people.me(bystander)).toMatchObject({ status: 200 });
    expect((await people.login(holder.user.email)).body.user.permissions).toEqual(permissions);
    const same = await change(admin, role.id, { permissions: [...permissions].reverse() });
    expect(same).toMatchObject({ status: 200, body: { permissions } });
    const audits = (await people.audits(admin.tenant.id, 'role.update')).filter(({ entityId }) => entityId === role.id);
    expect(audits).toMatchObject([
      { changes: { displayName: { to: 'Otro nombre' } } },
      { changes: { permissions: { from: ['chats.read'], to: permissions } } },
    ]);
  });

  it('is removed when no user holds it', async () => {
    const { body: role } = await people.createRole(admin);
    const { body: user } = await people.create(admin, { customRoleId: role.id });
    expect(await remove(admin, role.id)).toMatchObject({ status: 409, body: { error: { entity: 'role' } } });
    await people.update(admin, user.id, { customRoleId: null });
    expect(await remove(admin, role.id)).toMatchObject({ status: 204 });
    expect(await remove(admin, role.id)).toMatchObject({ status: 404 });
    expect(await people.update(admin, user.id, { customRoleId: role.id })).toMatchObject({ status: 404 });
  });

  it('has a name of its own in the tenant, and none of the built-in ones', async () => {
    const taken = { status: 409, body: { error: { code: 'conflict', entity: 'role' } } };
    await people.createRole(admin, { name: 'soporte' });
    expect(await people.createRole(admin, { name: 'soporte' })).toMatchObject(taken);
    expect(await people.createRole(stranger, { name: 'soporte' })).toMatchObject({ status: 201 });
    for (const name of ['admin', 'supervisor', 'agent'])
      expect(await people.createRole(admin, { name })).toMatchObject(taken);
    expect(await people.createRole(admin, { permissions: ['everything'] })).toMatchObject({ status: 422 });
  });

  it('of another tenant is a missing one', async () => {
    const { body: theirs } = await people.createRole(stranger);
    const { body: user } = await people.create(admin);
    const answers = await Promise.all(
      [theirs.id, uuidv7()].flatMap((id) => [
        change(admin, id, { displayName: 'Mío' }),
        remove(admin, id),
        people.create(admin, { customRoleId: id }),
        people.update(admin, user.id, { customRoleId: id }),
      ]),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404 });
    expect((await list(admin)).body.items.map((role: { id: string }) => role.id)).not.toContain(theirs.id);
  });

  it('is one of at most 50, also when 60 are made at once', async () => {
    const session = await people.register();
    const answers = await Promise.all(Array.from({ length: 60 }, () => people.createRole(session)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(50);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    expect((await list(session)).body.items).toHaveLength(50);
  });
});

describe('a user who makes roles', () => {
  it('needs roles.manage, and every user with users.read sees roles', async () => {
    const [supervisor, agent] = await Promise.all([
      people.join(admin, { role: 'supervisor' }),
      people.join(admin, { role: 'agent' }),
    ]);
    const { body: role } = await people.createRole(admin);
    for (const session of [supervisor, agent]) {
      expect(await people.createRole(session)).toMatchObject({ status: 403 });
      expect(await change(session, role.id, { displayName: 'X' })).toMatchObject({ status: 403 });
      expect(await remove(session, role.id)).toMatchObject({ status: 403 });
      expect(await list(session)).toMatchObject({ status: 200 });
    }
    const { body: blind } = await people.createRole(admin, { permissions: ['chats.read'] });
    expect(await list(await people.join(admin, { customRoleId: blind.id }))).toMatchObject({ status: 403 });
    expect(await people.createRole(keyOf(admin, ['roles.manage', 'chats.read']), { baseRole: 'agent' })).toMatchObject({
      status: 403, // a key that is no agent makes none
    });
  });

  it('gives no permission and no base role beyond their own', async () => {
    const permissions = [...permissionsOf('supervisor'), 'roles.manage'];
    const { body: keeper } = await people.createRole(admin, { baseRole: 'supervisor', permissions });
    const session = await people.join(admin, { customRoleId: keeper.id });
    const { body: strong } = await people.createRole(admin, { permissions: ['tenant.update', 'chats.read'] });
    const attempts = [
      people.createRole(session, { permissions: ['tenant.update'] }),
      people.createRole(session, { baseRole: 'admin', permissions: ['chats.read'] }),
      change(session, keeper.id, { permissions: [...permissions, 'users.delete'] }),
      change(session, strong.id, { permissions: ['chats.read'] }),
    ];
    for (const answer of await Promise.all(attempts)) {
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    }
    expect(await people.createRole(session, { permissions: ['chats.read', 'roles.manage'] })).toMatchObject({
      status: 201,
    });
  });
});
