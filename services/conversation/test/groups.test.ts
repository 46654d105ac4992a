import { randomUUID } from 'node:crypto';
import { permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('groups');
  service = await fixture.start();
});
afterAll(() => fixture.close());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const ask = (who: Person, method: Method, url: string, payload?: object) =>
  service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
const get = async (who: Person, url: string) => (await ask(who, 'GET', url)).json();

/** People of one new tenant, in scheduler: two users, the admin, and a machine. */
function company(tenantId: string = randomUUID()) {
  const of = (given: Parameters<typeof person>[0]) => person({ tenantId, edition: 'scheduler', ...given });
  return {
    tenantId,
    eva: of({ role: 'agent', userId: randomUUID() }),
    leo: of({ role: 'supervisor', userId: randomUUID(), permissions: permissionsOf('supervisor') }),
    admin: of({ role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin') }),
    machine: of({ role: 'key', userId: null, apiKeyId: randomUUID(), permissions: permissionsOf('admin') }),
  };
}

let number = 0;
const newPhone = () => `+5730012${String(++number).padStart(5, '0')}`;
async function make(who: Person, path: 'groups' | 'contacts', payload: object = {}): Promise<string> {
  const body = path === 'groups' ? { name: 'Clientes', ...payload } : { name: 'Ana', phone: newPhone(), ...payload };
  const answer = await ask(who, 'POST', `/${path}`, body);
  expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)]);
  return answer.json().id;
}
const add = (who: Person, groupId: string, contactIds: string[]) =>
  ask(who, 'POST', `/groups/${groupId}/contacts`, { contactIds });

describe('a group', () => {
  it('is made, read, changed and removed, with one event for each change', async () => {
    const { tenantId, eva } = company();
    const made = await ask(eva, 'POST', '/groups', { name: ' Clientes ', description: 'VIP' });
    expect(made.statusCode).toBe(201);
    const group = made.json();
    expect(group).toMatchObject({
      name: 'Clientes',
      description: 'VIP',
      contactCount: 0,
      createdBy: eva.caller.userId,
    });
    expect(await get(eva, `/groups/${group.id}`)).toEqual(group);

    const changed = await ask(eva, 'PUT', `/groups/${group.id}`, { description: null });
    expect(changed.json()).toMatchObject({ name: 'Clientes', description: null, createdAt: group.createdAt });
    expect((await ask(eva, 'PUT', `/groups/${group.id}`, { name: 'Clientes' })).statusCode).toBe(200);

    expect((await ask(eva, 'DELETE', `/groups/${group.id}`)).statusCode).toBe(204);
    expect((await ask(eva, 'GET', `/groups/${group.id}`)).statusCode).toBe(404);
    expect((await ask(eva, 'DELETE', `/groups/${group.id}`)).statusCode).toBe(404);

    const facts = { groupId: group.id, name: 'Clientes', createdBy: eva.caller.userId };
    expect(await fixture.outbox(tenantId, 'group.created')).toMatchObject([{ data: { ...facts, description: 'VIP' } }]);
    expect(await fixture.outbox(tenantId, 'group.updated')).toMatchObject([
      { data: { ...facts, description: null, changed: ['description'] } },
    ]);
    expect(await fixture.outbox(tenantId, 'group.deleted')).toMatchObject([{ data: { groupId: group.id } }]);
  });

  it('is found by name or description, the last made first, page by page', async () => {
    const { eva } = company();
    const ids: string[] = [];
    for (const name of ['Uno', 'Dos', 'Tres']) ids.unshift(await make(eva, 'groups', { name }));
    ids.unshift(await make(eva, 'groups', { name: 'Otro', description: 'Los del tres' }));
    const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);
    const first = await get(eva, '/groups?limit=3');
    expect([first.total, idsOf(first)]).toEqual([4, ids.slice(0, 3)]);
    expect(idsOf(await get(eva, '/groups?limit=3&page=2'))).toEqual(ids.slice(3));
    const found = await get(eva, '/groups?search=TRES');
    expect([found.total, idsOf(found)]).toEqual([2, [ids[0], ids[1]]]);
  });

  it.each([
    ['no name', {}],
    ['a blank one', { name: '  ' }],
    ['a long one', { name: 'x'.repeat(121) }],
    ['a long description', { name: 'x', description: 'x'.repeat(1001) }],
    ['another’s id', { name: 'x', createdBy: randomUUID() }],
  ])('with %s is refused', async (_, body) => {
    const { eva } = company();
    expect((await ask(eva, 'POST', '/groups', body)).statusCode).toBe(422);
    expect((await get(eva, '/groups')).total).toBe(0);
  });

  it('cannot be changed with an empty body', async () => {
    const { eva } = company();
    expect((await ask(eva, 'PUT', `/groups/${await make(eva, 'groups')}`, {})).statusCode).toBe(422);
  });
});

describe('the creator of a group', () => {
  it('decides in scheduler: another user does not see the group, and the admin sees all', async () => {
    const { eva, leo, admin, machine } = company();
    const evas = await make(eva, 'groups', { name: 'De Eva' });
    const leos = await make(leo, 'groups', { name: 'De Leo' });
    const admins = await make(admin, 'groups', { name: 'De la jefa' });
    const idsOf = async (who: Person) =>
      (await get(who, '/groups')).items.map(({ id }: { id: string }) => id) as string[];
    expect(await idsOf(eva)).toEqual([evas]);
    expect(await idsOf(leo)).toEqual([leos]);
    for (const all of [admin, machine]) expect(await idsOf(all)).toEqual([admins, leos, evas]);
    expect((await get(leo, '/groups?search=eva')).total).toBe(0);
    expect((await ask(admin, 'PUT', `/groups/${evas}`, { name: 'Otra' })).json().createdBy).toBe(eva.caller.userId);
  });

  it('makes another user’s group answer every request like a missing one, byte for byte', async () => {
    const { eva, leo } = company();
    const [evas, contact, leosOwn] = [
      await make(eva, 'groups'),
      await make(eva, 'contacts'),
      await make(leo, 'contacts'),
    ];
    expect((await add(eva, evas, [contact])).statusCode).toBe(201);
    const asked: [Method, (id: string) => string, object?][] = [
      ['GET', (id) => `/groups/${id}`],
      ['PUT', (id) => `/groups/${id}`, { name: 'Mío' }],
      ['DELETE', (id) => `/groups/${id}`],
      ['GET', (id) => `/groups/${id}/contacts`],
      ['POST', (id) => `/groups/${id}/contacts`, { contactIds: [leosOwn] }],
      ['DELETE', (id) => `/groups/${id}/contacts/${contact}`],
      ['GET', (id) => `/contacts?groupId=${id}`],
    ];
    for (const [method, url, body] of asked) {
      const theirs = await ask(leo, method, url(evas), body);
      const missing = await ask(leo, method, url(randomUUID()), body);
      expect([method, url('…'), theirs.statusCode, theirs.body]).toEqual([
        method,
        url('…'),
        missing.statusCode,
        missing.body,
      ]);
      expect(theirs.statusCode).toBe(url('').includes('?') ? 200 : 404);
    }
    expect(await get(eva, `/groups/${evas}`)).toMatchObject({ name: 'Clientes', contactCount: 1 });
  });

  it('does not decide in other editions', async () => {
    const { tenantId, eva } = company();
    const id = await make(eva, 'groups');
    const elsewhere = person({ tenantId, edition: 'crm' });
    expect((await ask(elsewhere, 'GET', `/groups/${id}`)).statusCode).toBe(200);
  });

  it('stays within the tenant, for admins too', async () => {
    const { eva } = company();
    const id = await make(eva, 'groups');
    const { admin: stranger } = company();
    for (const url of [`/groups/${id}`, `/groups/${id}/contacts`]) {
      expect((await ask(stranger, 'GET', url)).statusCode).toBe(404);
    }
    expect((await ask(stranger, 'DELETE', `/groups/${id}`)).statusCode).toBe(404);
    expect((await get(stranger, '/groups')).total).toBe(0);
    expect((await ask(eva, 'GET', `/groups/${id}`)).statusCode).toBe(200);
  });

  it('does not replace permissions', async () => {
    const { tenantId, eva } = company();
    const id = await make(eva, 'groups');
    const reader = person({
      tenantId,
      userId: eva.caller.userId,
      edition: 'scheduler',
      permissions: ['groups.read', 'contacts.read'],
    });
    expect((await ask(reader, 'GET', `/groups/${id}`)).statusCode).toBe(200);
    expect((await ask(reader, 'GET', '/contacts')).statusCode).toBe(200);
    for (const [method, url, body] of [
      ['POST', '/groups', { name: 'x' }],
      ['PUT', `/groups/${id}`, { name: 'x' }],
      ['DELETE', `/groups/${id}`, undefined],
      ['POST', '/contacts', { name: 'x', phone: newPhone() }],
    ] as const) {
      expect((await ask(reader, method, url, body)).statusCode).toBe(403);
    }
  });
});

describe('membership of a group', () => {
  it('is added in one call and once only, and counts and groups follow', async () => {
    const { tenantId, eva } = company();
    const group = await make(eva, 'groups');
    const [one, two, three] = [
      await make(eva, 'contacts'),
      await make(eva, 'contacts'),
      await make(eva, 'contacts', { isActive: false }),
    ];
    expect((await add(eva, group, [two, one, two])).json()).toEqual({ added: 2, contactCount: 2 });
    expect((await add(eva, group, [one, three])).json()).toEqual({ added: 1, contactCount: 3 });
    expect((await add(eva, group, [one])).json()).toEqual({ added: 0, contactCount: 3 });
    expect((await get(eva, `/groups/${group}`)).contactCount).toBe(3);
    expect((await get(eva, '/groups')).items[0].contactCount).toBe(3);

    const list = await get(eva, `/groups/${group}/contacts?limit=2`);
    expect([list.total, list.items.map(({ id }: { id: string }) => id)]).toEqual([3, [three, two]]);
    expect(list.items[0].groupIds).toEqual([group]);
    expect((await get(eva, `/groups/${group}/contacts?isActive=false`)).total).toBe(1);
    expect((await get(eva, `/contacts?groupId=${group}&isActive=true`)).total).toBe(2);

    expect((await ask(eva, 'DELETE', `/groups/${group}/contacts/${two}`)).statusCode).toBe(204);
    const again = await ask(eva, 'DELETE', `/groups/${group}/contacts/${two}`);
    const missing = await ask(eva, 'DELETE', `/groups/${group}/contacts/${randomUUID()}`);
    expect([again.statusCode, again.body]).toEqual([404, missing.body]);
    expect((await get(eva, `/groups/${group}`)).contactCount).toBe(2);
    // An event for each change: added twice, removed once.
    const told = await fixture.outbox(tenantId, 'group.updated');
    expect(told.map(({ data }: { data: { changed: string[] } }) => data.changed)).toEqual(Array(3).fill(['contacts']));
  });

  it('adds none when the caller does not see one of them, with the answer of a missing one', async () => {
    const { eva, leo, admin } = company();
    const group = await make(eva, 'groups');
    const [own, leos, stranger] = [
      await make(eva, 'contacts'),
      await make(leo, 'contacts'),
      await make(company().eva, 'contacts'),
    ];
    const answers = await Promise.all([leos, stranger, randomUUID()].map((unseen) => add(eva, group, [own, unseen])));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers[0]!.statusCode).toBe(422);
    expect(answers[0]!.json().error.details).toMatchObject([{ field: 'contactIds.1', code: 'unknown_contact' }]);
    expect((await get(eva, `/groups/${group}`)).contactCount).toBe(0);
    // The admin sees both; Eva goes on seeing her own alone, and as many as she sees are counted.
    expect((await add(admin, group, [own, leos])).json()).toEqual({ added: 2, contactCount: 2 });
    expect((await get(eva, `/groups/${group}`)).contactCount).toBe(1);
    const seen = await get(eva, `/groups/${group}/contacts`);
    expect([seen.total, seen.items.map(({ id }: { id: string }) => id)]).toEqual([1, [own]]);
    expect((await ask(eva, 'DELETE', `/groups/${group}/contacts/${leos}`)).statusCode).toBe(404);
    expect((await get(leo, '/contacts')).items[0].groupIds).toEqual([]);
    expect((await get(admin, `/groups/${group}`)).contactCount).toBe(2);
  });

  it.each([
    ['nobody', () => []],
    ['more than a thousand', () => Array.from({ length: 1001 }, () => randomUUID())],
    ['what is no id', () => ['ana']],
  ])('%s is not added', async (_, ids) => {
    const { eva } = company();
    expect((await add(eva, await make(eva, 'groups'), ids())).statusCode).toBe(422);
  });

  it('ends with the group, and the group’s contacts stay', async () => {
    const { eva, admin } = company();
    const [group, contact] = [await make(eva, 'groups'), await make(eva, 'contacts')];
    await add(eva, group, [contact]);
    expect((await ask(admin, 'DELETE', `/groups/${group}`)).statusCode).toBe(204);
    expect((await get(eva, '/contacts')).items).toMatchObject([{ id: contact, groupIds: [] }]);
    const [row] = await fixture.admin.sql`
      select count(*)::int as n from conversation.group_contacts where group_id = ${group}`;
    expect(row!.n).toBe(0);
  });

  it('stays consistent when contacts are added while they or their group are removed', async () => {
    const { tenantId, eva } = company();
    const group = await make(eva, 'groups');
    const contacts = await Promise.all(Array.from({ length: 12 }, () => make(eva, 'contacts')));
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, (_, i) => add(eva, group, i % 2 ? contacts : contacts.toReversed())),
      ...contacts.slice(0, 6).map((id) => ask(eva, 'DELETE', `/contacts/${id}`)),
      ...Array.from({ length: 4 }, () => add(eva, group, contacts.slice(6))),
    ]);
    expect(answers.filter(({ statusCode }) => ![201, 204, 422].includes(statusCode)).map(({ body }) => body)).toEqual(
      [],
    );
    expect((await get(eva, `/groups/${group}`)).contactCount).toBe(6);
    const [row] = await fixture.admin.sql`
      select count(*)::int as n from conversation.group_contacts where tenant_id = ${tenantId}`;
    expect(row!.n).toBe(6);
    await Promise.all([add(eva, group, contacts.slice(6)), ask(eva, 'DELETE', `/groups/${group}`)]);
    const [left] = await fixture.admin.sql`
      select count(*)::int as n from conversation.group_contacts where tenant_id = ${tenantId}`;
    expect(left!.n).toBe(0);
  });

  it('never deadlocks, for any parallel requests on a few groups and contacts', async () => {
    const { tenantId, eva, admin } = company();
    const groups = await Promise.all(Array.from({ length: 4 }, () => make(eva, 'groups')));
    const phones = Array.from({ length: 6 }, newPhone);
    const contacts = await Promise.all(phones.map((phone) => make(eva, 'contacts', { phone })));
    const at = <T>(list: readonly T[], i: number): T => list[i % list.length]!;
    const asked: ((i: number) => ReturnType<typeof ask>)[] = [
      (i) => add(at([eva, admin], i), at(groups, i), i % 2 ? contacts : contacts.toReversed()),
      (i) => ask(eva, 'PUT', `/contacts/${at(contacts, i)}`, { groupIds: [at(groups, i), at(groups, i + 1)] }),
      (i) => ask(eva, 'PUT', `/contacts/${at(contacts, i)}`, { phone: at(phones, i + 1), groupIds: [at(groups, i)] }),
      (i) => ask(admin, 'PUT', `/contacts/${at(contacts, i)}`, { phone: newPhone() }),
      (i) => ask(eva, 'DELETE', `/groups/${at(groups, i)}/contacts/${at(contacts, i)}`),
      (i) => ask(eva, 'POST', '/contacts', { name: 'Ana', phone: at(phones, i), groupIds: groups.slice(i % 4) }),
      (i) => ask(eva, 'PUT', `/groups/${at(groups, i)}`, { name: `Nombre ${i}` }),
      (i) => ask(eva, 'DELETE', i % 5 ? `/contacts/${at(contacts, i)}` : `/groups/${at(groups, i)}`),
    ];
    const answers = await Promise.all(Array.from({ length: 160 }, (_, i) => at(asked, i)(i >> 3)));
    expect(answers.filter(({ statusCode }) => statusCode >= 500).map(({ body }) => body)).toEqual([]);
    const [lost] = await fixture.admin.sql`
      select count(*)::int as n from conversation.group_contacts m
      where tenant_id = ${tenantId} and not (
        exists (select from conversation.groups g where g.tenant_id = m.tenant_id and g.id = m.group_id)
        and exists (select from conversation.contacts k
                    where k.tenant_id = m.tenant_id and k.id = m.contact_id and k.deleted_at is null))`;
    expect(lost!.n).toBe(0);
  });

  it('may include a customer who only wrote, for callers that see them', async () => {
    const { tenantId, eva, admin } = company();
    const event = received(tenantId, { from: { waId: '51987654321', phone: '+51987654321', name: 'Luz' } });
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
    const [luz] = (await get(admin, '/contacts')).items;
    expect(luz).toMatchObject({ name: 'Luz', createdBy: null, groupIds: [] });
    expect((await get(eva, '/contacts')).total).toBe(0);
    expect((await add(eva, await make(eva, 'groups'), [luz.id])).statusCode).toBe(422);
    expect((await add(admin, await make(admin, 'groups'), [luz.id])).json().added).toBe(1);
  });
});
