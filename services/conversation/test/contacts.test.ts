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
  fixture = await createFixture('contacts');
  service = await fixture.start();
});
afterAll(() => fixture.close());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const ask = (who: Person, method: Method, url: string, payload?: object) =>
  service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
const get = async (who: Person, url: string) => (await ask(who, 'GET', url)).json();

/** People of one new tenant, in scheduler. */
function company() {
  const tenantId = randomUUID();
  const of = (given: Parameters<typeof person>[0]) => person({ tenantId, edition: 'scheduler', ...given });
  return {
    tenantId,
    eva: of({ role: 'agent', userId: randomUUID() }),
    leo: of({ role: 'agent', userId: randomUUID() }),
    admin: of({ role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin') }),
    machine: of({ role: 'key', userId: null, apiKeyId: randomUUID(), permissions: permissionsOf('admin') }),
  };
}

const ANA = { name: 'Ana', phone: '+573001234567' };
const create = (who: Person, given: object = {}) => ask(who, 'POST', '/contacts', { ...ANA, ...given });
async function made(who: Person, given: object = {}) {
  const answer = await create(who, given);
  expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)]);
  return answer.json();
}

/** A customer writes; gives the contact and the conversation as the tables have them. */
async function hear(tenantId: string, from: Parameters<typeof received>[1]['from']) {
  // The tenant's only channel, by an id that is at hand.
  const event = received(tenantId, { channelId: tenantId, from });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin.sql<{ contactId: string; conversationId: string }[]>`
    select c.contact_id as "contactId", c.id as "conversationId"
    from conversation.messages m join conversation.conversations c on c.id = m.conversation_id
    where m.id = ${event.envelope.id}`;
  return row!;
}

describe('a contact', () => {
  it('is made, listed, changed and removed, with one event for each change', async () => {
    const { tenantId, eva } = company();
    const ana = await made(eva, { email: 'Ana@Example.com' });
    expect(ana).toMatchObject({
      ...ANA,
      email: 'ana@example.com',
      isActive: true,
      createdBy: eva.caller.userId,
      groupIds: [],
    });
    expect((await get(eva, '/contacts')).items).toEqual([ana]);
    const changed = await ask(eva, 'PUT', `/contacts/${ana.id}`, { name: 'Ana María', isActive: false });
    expect(changed.json()).toMatchObject({ ...ana, name: 'Ana María', isActive: false, updatedAt: expect.any(String) });
    // No change, so no event.
    expect((await ask(eva, 'PUT', `/contacts/${ana.id}`, ANA)).statusCode).toBe(200);
    expect((await ask(eva, 'PUT', `/contacts/${ana.id}`, { name: 'Ana' })).statusCode).toBe(200);
    expect((await ask(eva, 'DELETE', `/contacts/${ana.id}`)).statusCode).toBe(204);
    expect((await ask(eva, 'DELETE', `/contacts/${ana.id}`)).statusCode).toBe(404);
    expect(await get(eva, '/contacts')).toEqual({ items: [], total: 0, nextCursor: null });

    expect(await fixture.outbox(tenantId, 'contact.created')).toMatchObject([{ data: { contactId: ana.id, ...ANA } }]);
    expect(await fixture.outbox(tenantId, 'contact.updated')).toMatchObject([
      { data: { contactId: ana.id, name: 'Ana María', isActive: false, changed: ['name', 'isActive'] } },
      { data: { contactId: ana.id, name: 'Ana', changed: ['name'] } },
    ]);
    expect(await fixture.outbox(tenantId, 'contact.deleted')).toMatchObject([{ data: { contactId: ana.id } }]);
  });

  it('is found by name, e-mail or phone, the latest first, page by page', async () => {
    const { eva } = company();
    const ids: string[] = [];
    for (const [name, phone, email] of [
      ['Ana Muñoz (50%) 🎉 .*', '+573001110001', 'ventas@tienda.co'],
      ['Berta', '+5511987654321', null],
      ['Carla', '+573001110003', null],
    ] as const) {
      ids.unshift((await made(eva, { name, phone, email })).id);
    }
    const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);
    const first = await get(eva, '/contacts?limit=2');
    expect([first.total, idsOf(first)]).toEqual([3, ids.slice(0, 2)]);
    expect(idsOf(await get(eva, '/contacts?limit=2&page=2'))).toEqual(ids.slice(2));
    expect(idsOf(await get(eva, '/contacts?search=CARLA'))).toEqual([ids[0]]);
    for (const spelled of ['munoz', 'MUÑOZ', 'mun\u0303oz', 'Múñoz', '(50%) 🎉 .*']) {
      expect([spelled, idsOf(await get(eva, `/contacts?search=${encodeURIComponent(spelled)}`))]).toEqual([
        spelled,
        [ids[2]],
      ]);
    }
    expect(idsOf(await get(eva, '/contacts?search=tienda'))).toEqual([ids[2]]);
    expect(idsOf(await get(eva, '/contacts?search=00111'))).toEqual([ids[0], ids[2]]);
    // The same number without its ninth digit.
    expect(idsOf(await get(eva, `/contacts?search=${encodeURIComponent('+55 11 8765-4321')}`))).toEqual([ids[1]]);
  });

  it.each([
    ['no phone', { phone: undefined }],
    ['a phone without its plus', { phone: '573001234567' }],
    ['a phone that starts with 0', { phone: '+0573001234567' }],
    ['a phone with blanks', { phone: '+57 300 1234567' }],
    ['sixteen digits', { phone: '+5730012345678901' }],
    ['a blank name', { name: ' ' }],
    ['what is no e-mail', { email: 'ana' }],
    ['another’s id', { createdBy: randomUUID() }],
  ])('with %s is refused', async (_, given) => {
    const { eva } = company();
    expect((await create(eva, given)).statusCode).toBe(422);
    expect((await get(eva, '/contacts')).total).toBe(0);
  });

  it.each(['+1234567890', '+56912345678', '+12'])('may have any phone of the pattern, such as %s', async (phone) => {
    const { eva, leo } = company();
    expect((await made(eva, { phone })).phone).toBe(phone);
    expect((await create(leo, { phone })).statusCode).toBe(409);
  });

  it('is put into groups when it is created, and into others when it is changed', async () => {
    const { tenantId, eva, leo, admin } = company();
    const group = async (who: Person, name: string) =>
      (await ask(who, 'POST', '/groups', { name })).json().id as string;
    const [one, two, three, leos] = [
      await group(eva, 'Uno'),
      await group(eva, 'Dos'),
      await group(eva, 'Tres'),
      await group(leo, 'De Leo'),
    ];
    const ana = await made(eva, { groupIds: [two, one, one] });
    expect(ana.groupIds).toEqual([one, two]);
    await ask(admin, 'POST', `/groups/${leos}/contacts`, { contactIds: [ana.id] });
    const set = (groupIds: string[], who = eva) => ask(who, 'PUT', `/contacts/${ana.id}`, { groupIds });
    expect((await set([two, three])).json().groupIds).toEqual([two, three]);
    expect((await set([three, two])).json().groupIds).toEqual([two, three]);
    // Of a group that Eva does not see she changes nothing, and the admin sees it all.
    expect((await get(admin, '/contacts')).items[0].groupIds).toEqual([two, three, leos]);
    for (const unseen of [leos, randomUUID()]) {
      const answer = await set([one, unseen]);
      expect([answer.statusCode, answer.json().error.details]).toEqual([
        422,
        [{ field: 'groupIds.1', message: 'No such group', code: 'unknown_group' }],
      ]);
      expect((await create(eva, { phone: '+573000000001', groupIds: [unseen] })).statusCode).toBe(422);
    }
    expect((await get(eva, '/contacts')).items).toMatchObject([{ id: ana.id, groupIds: [two, three] }]);
    expect((await set([])).json().groupIds).toEqual([]);
    expect((await get(leo, `/groups/${leos}`)).contactCount).toBe(0);
    expect((await get(admin, `/groups/${leos}`)).contactCount).toBe(1);

    const told = await fixture.outbox(tenantId, 'group.updated');
    const groups = told.map(({ data }: { data: { groupId: string } }) => data.groupId);
    // In at first, by the admin, from one to the third, out of both.
    expect(groups.sort()).toEqual([one, two, leos, one, three, two, three].sort());
  });

  it('is missing for another user in every request, and the admin sees it', async () => {
    const { eva, leo, admin } = company();
    const ana = await made(eva);
    for (const [method, body] of [
      ['PUT', { name: 'Mía' }],
      ['PUT', { phone: '+573009999999' }],
      ['PUT', { phone: ANA.phone }],
      ['DELETE', undefined],
    ] as const) {
      const theirs = await ask(leo, method, `/contacts/${ana.id}`, body);
      const missing = await ask(leo, method, `/contacts/${randomUUID()}`, body);
      expect([theirs.statusCode, theirs.body]).toEqual([404, missing.body]);
    }
    expect((await get(leo, '/contacts?search=ana')).total).toBe(0);
    expect((await get(admin, '/contacts')).items).toEqual([ana]);
    expect((await ask(admin, 'PUT', `/contacts/${ana.id}`, { name: 'Anita' })).json().createdBy).toBe(
      eva.caller.userId,
    );
    // What was tried claimed nothing.
    expect((await create(leo, { phone: '+573009999999' })).statusCode).toBe(201);
  });

  it('stays within the tenant, also by its phone', async () => {
    const [one, other] = [company(), company()];
    const ana = await made(one.eva);
    expect((await made(other.eva)).id).not.toBe(ana.id);
    expect((await ask(other.admin, 'PUT', `/contacts/${ana.id}`, { name: 'x' })).statusCode).toBe(404);
    expect((await ask(other.admin, 'DELETE', `/contacts/${ana.id}`)).statusCode).toBe(404);
    expect((await get(one.admin, '/contacts')).items).toEqual([ana]);
  });
});

describe('a phone', () => {
  it.each([
    ['Brazil’s ninth digit', '+5511987654321', '+551187654321'],
    ['Mexico’s 521', '+525512345678', '+5215512345678'],
    ['the same', '+573001234567', '+573001234567'],
  ])('is one contact in all its spellings: %s, with the same 409 for its owner and others', async (_, a, b) => {
    const { eva, leo, admin } = company();
    await made(eva, { phone: a });
    const answers = await Promise.all([eva, leo, admin].map((who) => create(who, { phone: b })));
    expect(answers[0]!.statusCode).toBe(409);
    expect(answers[0]!.json().error.details).toMatchObject([{ field: 'phone', code: 'phone_taken' }]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect((await get(admin, '/contacts')).total).toBe(1);
  });

  it.each(['people', 'machines'])('sent 20 times at once by %s makes one contact and one 201', async (who) => {
    const { tenantId, eva, leo, admin, machine } = company();
    const people = who === 'people' ? [eva, leo, admin] : [machine];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        create(people[i % people.length]!, { phone: i % 2 ? '+5511987654321' : '+551187654321' }),
      ),
    );
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(409)]);
    expect((await get(admin, '/contacts')).total).toBe(1);
    const [rows] = await fixture.admin.sql`
      select count(*)::int as n from conversation.contacts where tenant_id = ${tenantId}`;
    expect(rows!.n).toBe(1);
    expect(await fixture.outbox(tenantId, 'contact.created')).toHaveLength(1);
  });

  it('that only wrote becomes the contact of the first user who adds it, with its conversations', async () => {
    const { tenantId, eva, leo, admin } = company();
    const { contactId, conversationId } = await hear(tenantId, {
      waId: '551187654321',
      phone: '+551187654321',
      name: 'Zé',
    });
    const ana = await made(eva, { phone: '+5511987654321' });
    expect(ana).toMatchObject({ id: contactId, name: 'Ana', phone: '+5511987654321', createdBy: eva.caller.userId });
    expect((await create(leo, { phone: '+5511987654321' })).statusCode).toBe(409);
    expect((await get(admin, `/conversations/${conversationId}`)).contact).toMatchObject({
      id: contactId,
      name: 'Ana',
    });
    // It was published when the contact first wrote.
    expect(await fixture.outbox(tenantId, 'contact.created')).toHaveLength(1);
    expect(await fixture.outbox(tenantId, 'contact.updated')).toMatchObject([
      { data: { contactId, createdBy: eva.caller.userId, changed: ['name', 'phone', 'createdBy'] } },
    ]);
    expect(await hear(tenantId, { waId: '551187654321', phone: '+551187654321', name: 'Zé' })).toEqual({
      contactId,
      conversationId,
    });
  });

  it('that writes while a user adds it is one contact', async () => {
    const { tenantId, eva, admin } = company();
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => {
        const phone = `+57300111000${i}`;
        return Promise.all([create(eva, { phone }), hear(tenantId, { waId: phone.slice(1), phone, name: 'Luz' })]);
      }),
    );
    const list = await get(admin, '/contacts');
    expect(list.total).toBe(8);
    expect(list.items.every((one: { createdBy: string; name: string }) => one.createdBy && one.name === 'Ana')).toBe(
      true,
    );
  });

  it('of an erased contact is free: who adds it next gets a new contact, with nothing of the old one', async () => {
    const { tenantId, eva, leo, admin } = company();
    const ana = await made(eva, { email: 'ana@example.com' });
    const group = (await ask(eva, 'POST', '/groups', { name: 'Clientes' })).json();
    await ask(eva, 'POST', `/groups/${group.id}/contacts`, { contactIds: [ana.id] });
    await ask(eva, 'DELETE', `/contacts/${ana.id}`);
    expect((await get(eva, `/groups/${group.id}`)).contactCount).toBe(0);
    const back = await made(leo, { name: 'Anita' });
    expect(back).toMatchObject({ name: 'Anita', email: null, createdBy: leo.caller.userId, groupIds: [] });
    expect(back.id).not.toBe(ana.id);
    expect((await get(eva, '/contacts')).total).toBe(0);
    expect((await get(admin, '/contacts')).total).toBe(1);
    expect(await fixture.outbox(tenantId, 'contact.created')).toHaveLength(2);
  });

  it('of an erased contact that writes again opens another chat, of another contact', async () => {
    const { tenantId, eva, admin } = company();
    const from = { waId: '573001234567', phone: ANA.phone, name: 'Ana' };
    const first = await hear(tenantId, from);
    const { id } = await made(eva);
    expect((await ask(eva, 'DELETE', `/contacts/${id}`)).statusCode).toBe(204);
    const again = await hear(tenantId, from);
    expect([again.contactId, again.conversationId]).not.toContain(first.contactId);
    expect(again.conversationId).not.toBe(first.conversationId);
    const old = await get(admin, `/conversations/${first.conversationId}`);
    expect(old).toMatchObject({ status: 'closed', contact: { id, name: null, phone: null } });
    expect((await get(admin, '/contacts')).items).toMatchObject([{ id: again.contactId }]);
  });

  it('may be changed: the new one leads to the contact, and the old one is free again', async () => {
    const { tenantId, eva, leo, admin } = company();
    const ana = await made(eva);
    const next = '+5511987654321';
    expect((await ask(eva, 'PUT', `/contacts/${ana.id}`, { phone: next })).json()).toMatchObject({
      id: ana.id,
      phone: next,
    });
    expect((await hear(tenantId, { waId: '551187654321', phone: '+551187654321' })).contactId).toBe(ana.id);
    const another = await made(leo, { name: 'Leo' });
    expect(another.id).not.toBe(ana.id);
    // Also one that the two have talked on: its next owner must not inherit the conversation.
    await ask(eva, 'PUT', `/contacts/${ana.id}`, { phone: '+573007654321' });
    expect((await made(leo, { phone: next })).id).not.toBe(ana.id);
    // Another spelling does not change the owner.
    const own = await ask(admin, 'PUT', `/contacts/${another.id}`, { phone: ANA.phone });
    expect(own.statusCode).toBe(200);
  });

  it('cannot be changed to another contact’s, visible or not, and nothing changes then', async () => {
    const { tenantId, eva, leo, admin } = company();
    const ana = await made(eva);
    await made(eva, { name: 'Berta', phone: '+5511987654321' });
    await made(leo, { phone: '+573000000001' });
    await hear(tenantId, { waId: '573000000002', phone: '+573000000002' });
    for (const phone of ['+551187654321', '+573000000001', '+573000000002']) {
      const answer = await ask(eva, 'PUT', `/contacts/${ana.id}`, { name: 'Otra', phone });
      expect([answer.statusCode, answer.json().error.details[0].field]).toEqual([409, 'phone']);
    }
    expect((await get(eva, '/contacts?search=ana')).items).toEqual([ana]);
    expect((await get(admin, '/contacts')).total).toBe(4);
  });

  it('changed and added by many at once leads to one contact without errors', async () => {
    const { tenantId, eva, leo } = company();
    const ana = await made(eva);
    const phones = Array.from({ length: 6 }, (_, i) => `+57300200000${i}`);
    const answers = await Promise.all([
      ...phones.map((phone) => ask(eva, 'PUT', `/contacts/${ana.id}`, { phone })),
      ...[ANA.phone, ...phones].map((phone) => create(leo, { phone })),
    ]);
    expect(answers.filter(({ statusCode }) => ![200, 201, 409].includes(statusCode)).map(({ body }) => body)).toEqual(
      [],
    );
    const rows = await fixture.admin.sql<{ phone: string; value: string | null }[]>`
      select k.phone, i.value from conversation.contacts k
      left join conversation.contact_identities i
        on i.tenant_id = k.tenant_id and i.contact_id = k.id and i.kind = 'phone'
      where k.tenant_id = ${tenantId}`;
    // Each contact is recognised by the phone it shows, and by no other.
    expect(rows.map(({ phone, value }) => [phone, `+${value}`]).filter(([a, b]) => a !== b)).toEqual([]);
    expect(new Set(rows.map(({ phone }) => phone)).size).toBe(rows.length);
  });
});
