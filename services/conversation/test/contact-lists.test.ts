import { FIRST_CURSOR } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture, type Person, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('contact-lists');
  service = await fixture.start();
});
afterAll(() => fixture.close());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const ask = (who: Person, method: Method, url: string, payload?: object) =>
  service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
const add = async (who: Person, given: object) => {
  const answer = await ask(who, 'POST', '/contacts', given);
  expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)]);
  return answer.json();
};
const namesOf = async (who: Person, query: string) =>
  (await ask(who, 'GET', `/contacts?${query}`)).json().items.map(({ name }: { name: string }) => name);

async function company(): Promise<Person> {
  const who = person({ edition: 'crm' });
  await add(who, {
    firstName: 'Carlos',
    lastName: 'Rodríguez',
    phone: '+573001234567',
    email: 'carlos@correo.co',
    company: 'Acme Corp',
    city: 'Bogotá',
    leadStatus: 'contacted',
    leadScore: 75,
    segment: 'vip',
    tags: ['Recurrente', 'VIP'],
    optIn: false,
  });
  await add(who, {
    name: 'ÁNGELA Muñoz',
    phone: '+5511987654321',
    leadScore: 90,
    company: 'Café 50%_',
    segment: 'vip',
  });
  await add(who, { name: 'beatriz', phone: '+573001112233', isBlocked: true });
  return who;
}

describe('a list of contacts', () => {
  it.each([
    ['leadStatus=contacted', ['Carlos Rodríguez']],
    ['segment=vip', ['ÁNGELA Muñoz', 'Carlos Rodríguez']],
    ['segment=vip&leadStatus=new', ['ÁNGELA Muñoz']],
    ['tag=vip', ['Carlos Rodríguez']],
    ['tag=nadie', []],
    ['company=Acme%20Corp', ['Carlos Rodríguez']],
    ['city=Bogot%C3%A1', ['Carlos Rodríguez']],
    ['isBlocked=true', ['beatriz']],
    ['isBlocked=false&segment=vip', ['ÁNGELA Muñoz', 'Carlos Rodríguez']],
    ['optIn=false', ['Carlos Rodríguez']],
    ['search=rodriguez', ['Carlos Rodríguez']],
    ['search=angela%20munoz', ['ÁNGELA Muñoz']],
    ['search=acme', ['Carlos Rodríguez']],
    ['search=CORREO.CO', ['Carlos Rodríguez']],
    ['search=50%25_', ['ÁNGELA Muñoz']],
    ['search=_%25', []],
    ['search=0123', ['Carlos Rodríguez']],
    ['search=(300)%20111-22', ['beatriz']],
    ['search=551187654321', ['ÁNGELA Muñoz']],
    ['search=be', ['beatriz']],
    ['search=tr', []],
    ['search=o', []],
    ['search=r', ['Carlos Rodríguez']],
    ['search=rodriguez&leadStatus=won', []],
    ['sort=name', ['ÁNGELA Muñoz', 'beatriz', 'Carlos Rodríguez']],
    ['sort=name&order=desc', ['Carlos Rodríguez', 'beatriz', 'ÁNGELA Muñoz']],
    ['sort=leadScore', ['ÁNGELA Muñoz', 'Carlos Rodríguez', 'beatriz']],
  ])('with %s shows %j', async (query, names) => {
    const who = await company();
    expect(await namesOf(who, query)).toEqual(names);
    expect((await ask(who, 'GET', `/contacts?${query}`)).json().total).toBe(names.length);
    expect(await namesOf(person({ edition: 'crm' }), query)).toEqual([]);
  });

  it.each(['created', 'name', 'leadScore'])('sorted by %s is walked whole, each contact once', async (sort) => {
    const who = person({ edition: 'crm' });
    for (let i = 0; i < 7; i++) await add(who, { name: `N ${i % 3}`, phone: `+57300111000${i}`, leadScore: i % 2 });
    for (const order of ['asc', 'desc']) {
      const whole = (await ask(who, 'GET', `/contacts?sort=${sort}&order=${order}`)).json().items;
      const seen: string[] = [];
      for (let cursor: string | null = FIRST_CURSOR; cursor !== null; ) {
        const page = await ask(who, 'GET', `/contacts?sort=${sort}&order=${order}&limit=2&cursor=${cursor}`);
        seen.push(...page.json().items.map(({ id }: { id: string }) => id));
        cursor = page.json().nextCursor;
      }
      expect(seen).toEqual(whole.map(({ id }: { id: string }) => id));
      expect(new Set(seen).size).toBe(7);
    }
  });

  it('finds a word that very many contacts hold, and tells that it counted no further', async () => {
    const who = person({ edition: 'crm' });
    await fixture.admin.sql`
      insert into conversation.contacts (tenant_id, id, name)
      select ${who.tenantId}::uuid, gen_random_uuid(), 'Cliente ' || n from generate_series(1, 10050) n`;
    const found = (await ask(who, 'GET', '/contacts?search=cliente&limit=5')).json();
    expect(found).toMatchObject({ total: 1000, totalIsCapped: true });
    expect(found.items).toHaveLength(5);
    const one = (await ask(who, 'GET', '/contacts?search=cliente%201005&limit=5')).json();
    expect([one.total, one.totalIsCapped]).toEqual([2, undefined]);
  });
});

describe('a contact', () => {
  it('keeps its names apart, shows its chats, and another tenant gets 404', async () => {
    const who = await company();
    const [{ id }] = (await ask(who, 'GET', '/contacts?tag=vip')).json().items;
    const task = { title: 'Llamar', contactId: id, dueAt: '2027-01-01T10:00:00.000Z' };
    expect((await ask(who, 'POST', '/tasks', task)).statusCode).toBe(201);
    const { firstName, lastName, tags, customFields, chats, tasks } = (await ask(who, 'GET', `/contacts/${id}`)).json();
    expect({ firstName, lastName, tags, customFields, chats, tasks }).toEqual({
      firstName: 'Carlos',
      lastName: 'Rodríguez',
      tags: ['Recurrente', 'VIP'],
      customFields: {},
      chats: [],
      tasks: [{ id: expect.any(String), title: 'Llamar', dueAt: task.dueAt, status: 'pending' }],
    });
    const stranger = person({ edition: 'crm' });
    for (const [method, url, body] of [
      ['GET', `/contacts/${id}`],
      ['PUT', `/contacts/${id}`, { city: 'Cali' }],
      ['POST', `/contacts/${id}/tags`, { name: 'x' }],
      ['DELETE', `/contacts/${id}/tags/vip`],
    ] as const) {
      expect((await ask(stranger, method, url, body)).statusCode).toBe(404);
    }
  });

  it('that is removed leaves no profile, and is still opted out and blocked when it is back', async () => {
    const who = await company();
    const [{ id }] = (await ask(who, 'GET', '/contacts?tag=vip')).json().items;
    await ask(who, 'PUT', `/contacts/${id}`, { notes: 'Secreto', isBlocked: true, customFields: { cargo: 'x' } });
    expect((await ask(who, 'DELETE', `/contacts/${id}`)).statusCode).toBe(204);
    const [row] = await fixture.admin.sql`
      select email, company, city, notes, custom_fields, lead_score from conversation.contacts where id = ${id}`;
    const none = { email: null, company: null, city: null, notes: null, custom_fields: {}, lead_score: 0 };
    expect({ ...row }).toEqual(none);
    expect(await fixture.admin.sql`select 1 from conversation.contact_tags where contact_id = ${id}`).toHaveLength(0);
    const back = await add(who, { name: 'Carlos', phone: '+573001234567' });
    expect(back.id).not.toBe(id);
    expect(back).toMatchObject({ tags: [], notes: null, blockedAt: expect.any(String) });
    expect(back.marketingStoppedAt).toEqual(expect.any(String));
  });

  it('takes a tag once in any case, at most 50, and gives back the ones it keeps', async () => {
    const who = person({ edition: 'crm' });
    const { id } = await add(who, { name: 'Ana', phone: '+573001234567', tags: ['VIP'] });
    const tag = (name: string) => ask(who, 'POST', `/contacts/${id}/tags`, { name });
    expect((await tag('vip')).json()).toEqual({ tags: ['VIP'] });
    expect((await tag('Nueva')).json()).toEqual({ tags: ['Nueva', 'VIP'] });
    expect(await fixture.outbox(who.tenantId, 'contact.updated')).toMatchObject([{ data: { changed: ['tags'] } }]);
    expect((await ask(who, 'DELETE', `/contacts/${id}/tags/NUEVA`)).json()).toEqual({ tags: ['VIP'] });
    expect((await ask(who, 'DELETE', `/contacts/${id}/tags/nueva`)).statusCode).toBe(404);
    const many = Array.from({ length: 49 }, (_, i) => `t${i}`);
    await ask(who, 'PUT', `/contacts/${id}`, { tags: ['VIP', ...many] });
    expect((await tag('una más')).json().error.details).toMatchObject([{ field: 'name', code: 'too_big' }]);
  });

  it('names each bad field of its profile', async () => {
    const who = person({ edition: 'crm' });
    const bad = { phone: '+573001234567', leadStatus: 'x', leadScore: 101, ltv: 1.234, totalPurchases: -1, extra: 1 };
    const { details } = (await ask(who, 'POST', '/contacts', bad)).json().error;
    expect(details.map(({ field }: { field: string }) => field).sort()).toEqual(
      ['extra', 'leadScore', 'leadStatus', 'ltv', 'totalPurchases'].sort(),
    );
  });
});
