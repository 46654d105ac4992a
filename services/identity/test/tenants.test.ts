import { identityApi, type Session, uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, operator, type People, peopleOf } from './people.ts';
import { call, callerOf, callerWithRole, type Running, startForTest } from './support.ts';

let running: Running;
let people: People;
beforeAll(async () => {
  running = await startForTest();
  people = peopleOf(running);
});
afterAll(async () => {
  await people.sql.end();
  await running.stop();
});

const update = (by: Session, body: object) => call(running, identityApi.updateTenant, { body, caller: callerOf(by) });
const setStatus = (tenantId: string, body: object, caller = operator) =>
  call(running, identityApi.setTenantStatus, { params: { tenantId }, body, caller });
const find = (query: Record<string, string>, caller = operator) =>
  call(running, identityApi.listTenants, { query, caller });

describe('a tenant', () => {
  it('is changed by an admin, key by key, with the old and new values in the audit log', async () => {
    const session = await people.register();
    const { id } = session.tenant;
    const first = await update(session, {
      name: 'Tienda Nueva',
      timezone: 'America/Bogota',
      language: 'pt',
      settings: { greeting: 'Hola', colours: { main: '#fff' }, webhookToken: 'first' },
    });
    expect(first).toMatchObject({
      status: 200,
      body: { id, name: 'Tienda Nueva', timezone: 'America/Bogota', language: 'pt', plan: 'pro' },
    });
    const second = await update(session, {
      settings: { greeting: null, colours: { main: '#000' }, webhookToken: 'second' },
    });
    expect(second.body.settings).toEqual({ colours: { main: '#000' }, webhookToken: 'second' });
    expect((await call(running, identityApi.getTenant, { caller: callerOf(session) })).body).toEqual(second.body);
    expect((await people.me(session)).body.tenant).toEqual(second.body);

    const audits = await people.audits(id, 'tenant.update');
    expect(audits).toHaveLength(2);
    expect(audits[0]!.changes).toEqual({
      name: { from: session.tenant.name, to: 'Tienda Nueva' },
      timezone: { from: 'America/Lima', to: 'America/Bogota' },
      language: { from: 'es', to: 'pt' },
      'settings.greeting': { from: null, to: 'Hola' },
      'settings.colours': { from: null, to: { main: '#fff' } },
      'settings.webhookToken': { from: null, to: '***' },
    });
    expect(audits[1]!.changes).toEqual({
      'settings.greeting': { from: 'Hola', to: null },
      'settings.colours': { from: { main: '#fff' }, to: { main: '#000' } },
      'settings.webhookToken': { from: '***', to: '***' },
    });
    const told = await people.events<object>(id, 'tenant.updated');
    expect(told.at(-1)!.data).toMatchObject({
      tenantId: id,
      name: 'Tienda Nueva',
      timezone: 'America/Bogota',
      language: 'pt',
    });
  });

  it('is in the country of its time zone until it sets another, and users’ phones are read there', async () => {
    const session = await people.register();
    const told = async () => (await people.events<object>(session.tenant.id, 'tenant.updated')).at(-1)!.data;
    expect(session.tenant.country).toBe('PE');
    const phone = (text: string) =>
      call(running, identityApi.updateMe, { caller: callerOf(session), body: { phone: text } });
    expect((await phone('999 888 777')).body).toMatchObject({ phone: '+51999888777' });
    const refused = await phone('310 446 0018');
    expect(refused).toMatchObject({
      status: 422,
      body: { error: { details: [{ field: 'phone', code: 'phone_country' }] } },
    });
    expect((await update(session, { timezone: 'America/Bogota' })).body.country).toBe('CO');
    expect(await told()).toMatchObject({ country: 'CO' });
    expect((await phone('310 446 0018')).body).toMatchObject({ phone: '+573104460018' });
    expect((await update(session, { country: 'mx' })).body.country).toBe('MX');
    expect(await told()).toMatchObject({ country: 'MX' });
    expect((await update(session, { country: null })).body.country).toBe('CO');
  });

  it('that does not change emits no event', async () => {
    const session = await people.register();
    await update(session, { settings: { a: 1 } });
    const again = await update(session, { name: session.tenant.name, settings: { a: 1, b: null } });
    expect(again).toMatchObject({ status: 200, body: { settings: { a: 1 } } });
    await update(session, { settings: { theme: { zz: 1, a: { c: 2, b: 3 } } } });
    await update(session, { settings: { theme: { a: { b: 3, c: 2 }, zz: 1 } } });
    expect(await people.audits(session.tenant.id, 'tenant.update')).toHaveLength(2);
  });

  it('loses no setting when 20 are set at once', async () => {
    const session = await people.register();
    await Promise.all(Array.from({ length: 20 }, (_, i) => update(session, { settings: { [`key${i}`]: i } })));
    const { body } = await call(running, identityApi.getTenant, { caller: callerOf(session) });
    expect(Object.keys(body.settings)).toHaveLength(20);
  });

  it.each([
    [{ timezone: 'America/Nowhere' }, 'timezone'],
    [{ timezone: '+05:00' }, 'timezone'],
    [{ country: 'Colombia' }, 'country'],
    [{ country: 'XX' }, 'country'],
    [{ settings: { big: 'x'.repeat(16 * 1024) } }, 'settings'],
    [{ settings: { odd: '\ud800' } }, 'settings.odd'],
    [{ settings: { deep: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) } }, 'settings'],
    [{ language: 'fr' }, 'language'],
    [{ name: ' ' }, 'name'],
    [{ plan: 'enterprise' }, 'plan'],
    [{ status: 'active' }, 'status'],
  ])('refuses %#', async (body, field) => {
    const session = await people.register();
    const answer = await update(session, body);
    expect(answer.status).toBe(422);
    expect(answer.body.error.details).toEqual([expect.objectContaining({ field })]);
  });

  it('cannot be changed without tenant.update', async () => {
    const session = await people.register();
    const callers = [
      callerWithRole(session, 'supervisor'),
      callerWithRole(session, 'agent'),
      keyOf(session, ['tenant.read']),
      { ...operator, tenantId: session.tenant.id },
    ];
    for (const caller of callers) {
      const answer = await call(running, identityApi.updateTenant, { body: { name: 'Mía' }, caller });
      expect(answer).toMatchObject({ status: 403 });
    }
  });
});

describe('the operator', () => {
  it('finds tenants by name and slug', async () => {
    const mark = uuidv7();
    const [one] = await Promise.all([
      people.register({ tenantName: `Uno_ ${mark}`, tenantSlug: `uno-${mark}` }),
      people.register({ tenantName: `UnoX ${mark}` }),
    ]);
    expect((await find({ search: mark })).body.total).toBe(2);
    expect((await find({ search: `uno_ ${mark}` })).body).toMatchObject({ total: 1, items: [{ id: one.tenant.id }] });
    expect((await find({ search: `uno-${mark}` })).body).toMatchObject({ items: [{ slug: `uno-${mark}` }] });
    expect((await find({ limit: '1', page: '2' })).body.items).toHaveLength(1);
  });

  it('changes a plan, and its limits hold from then on', async () => {
    const session = await people.register({ plan: 'basic' });
    const { id } = session.tenant;
    expect(await setStatus(id, { plan: 'enterprise' })).toMatchObject({
      status: 200,
      body: { plan: 'enterprise', limits: { maxUsers: null } },
    });
    for (let i = 0; i < 6; i++) expect((await people.create(session)).status).toBe(201);
    expect(await setStatus(id, { plan: 'starter' })).toMatchObject({ body: { limits: { maxUsers: 3 } } });
    expect(await people.create(session)).toMatchObject({ status: 403, body: { error: { code: 'plan_limit' } } });
    expect(await people.me(session)).toMatchObject({ status: 200 });
    expect((await people.events<{ plan: string }>(id, 'tenant.updated')).map(({ data }) => data.plan)).toEqual([
      'enterprise',
      'starter',
    ]);
    expect(await people.audits(id, 'tenant.govern')).toMatchObject([
      {
        actor: { kind: 'service', service: 'operator', userId: null },
        entityId: id,
        changes: { plan: { from: 'basic', to: 'enterprise' } },
      },
      { changes: { plan: { from: 'enterprise', to: 'starter' } } },
    ]);
  });

  it('suspends a tenant: its sessions end and log-ins are refused until it is active again', async () => {
    const session = await people.register();
    const colleague = await people.join(session);
    const other = await people.register();
    const { id } = session.tenant;
    expect(await setStatus(id, { status: 'suspended' })).toMatchObject({ status: 200, body: { status: 'suspended' } });
    expect(await people.me(session)).toMatchObject({ status: 401 });
    expect(await people.me(colleague)).toMatchObject({ status: 401 });
    expect(await people.me(other)).toMatchObject({ status: 200 });
    const closed = { status: 403, body: { error: { code: 'tenant_suspended' } } };
    expect(await people.login(session.user.email)).toMatchObject(closed);
    const refreshed = await call(running, identityApi.refresh, {
      body: { edition: 'saas', refreshToken: session.refreshToken },
    });
    expect([401, 403]).toContain(refreshed.status);
    const revoked = await people.events<{ userId: string }>(id, 'session.revoked');
    expect(new Set(revoked.map(({ data }) => data.userId))).toEqual(new Set([session.user.id, colleague.user.id]));

    expect(await setStatus(id, { status: 'active' })).toMatchObject({ body: { status: 'active' } });
    expect(await people.login(session.user.email)).toMatchObject({ status: 200 });
    expect(await people.login(colleague.user.email)).toMatchObject({ status: 200 });
    expect(await people.audits(id, 'tenant.govern')).toHaveLength(2);
    expect(await setStatus(id, { status: 'active' })).toMatchObject({ status: 200 });
    expect(await people.audits(id, 'tenant.govern')).toHaveLength(2);
  });

  it('leaves no session when users log in while their tenant is being suspended', async () => {
    const session = await people.register();
    const { id } = session.tenant;
    for (let round = 0; round < 5; round++) {
      const [, ...logins] = await Promise.all([
        setStatus(id, { status: 'suspended' }),
        ...Array.from({ length: 4 }, () => people.login(session.user.email)),
      ]);
      const [row] = await people.sql`
        select count(*)::int as n from identity.sessions where tenant_id = ${id} and revoked_at is null`;
      expect(row!.n).toBe(0);
      for (const { status } of logins) expect([200, 403]).toContain(status);
      await setStatus(id, { status: 'active' });
      await people.login(session.user.email);
    }
  });

  it('is never a user or a key, with any permissions', async () => {
    const session = await people.register();
    const { id } = session.tenant;
    for (const caller of [callerOf(session), keyOf(session, callerOf(session).permissions!)]) {
      expect(await setStatus(id, { plan: 'enterprise' }, caller)).toMatchObject({ status: 403 });
      expect(await find({}, caller)).toMatchObject({ status: 403 });
    }
    expect(await setStatus(uuidv7(), { plan: 'pro' })).toMatchObject({ status: 404 });
  });
});
