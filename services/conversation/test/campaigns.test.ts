import { randomUUID } from 'node:crypto';
import { type CampaignDetail, type ErrorBody, permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('campaigns');
  service = await fixture.start();
});
afterAll(() => fixture.close());

let who: Person;
beforeEach(() => {
  who = admin();
});
const admin = (given = {}) => person({ role: 'admin', permissions: permissionsOf('admin'), ...given });
const NEW = { name: 'Ventas', code: 'VENTAS', timezone: 'America/Bogota' };

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
async function ask<T = CampaignDetail>(method: Method, url: string, payload?: object, by = who) {
  const answer = await service.app.inject({ method, url, headers: by.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
}
const create = async (given: object = {}, by = who): Promise<CampaignDetail> => {
  const { status, body } = await ask('POST', '/campaigns', { ...NEW, ...given }, by);
  expect(status).toBe(201);
  return body;
};
const fieldsOf = async (answer: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await answer;
  expect(status).toBe(422);
  return (body as ErrorBody).error.details!.map(({ field, code }) => `${field} ${code}`).sort();
};

function addChannel(tenantId = who.tenantId): string {
  const id = randomUUID();
  fixture.channels.set(id, { id, provider: 'meta', tenantId });
  return id;
}
function addUser(tenantId = who.tenantId, status = 'active'): string {
  const id = randomUUID();
  fixture.identity.users.set(id, { tenantId, role: 'agent', status } as never);
  return id;
}
async function customerWrites(channelId: string, waId = '51999000111'): Promise<string> {
  const event = received(who.tenantId, { channelId, from: { waId, phone: `+${waId}`, userId: null, name: 'Luz' } });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin.sql<{ id: string }[]>`
    select conversation_id as id from conversation.messages where id = ${event.envelope.id}`;
  return row!.id;
}
const toCampaign = (chat: string, campaignId: string) =>
  ask<{ status: string; campaignId: string | null; assignedUserId: string | null }>(
    'POST',
    `/conversations/${chat}/transfer`,
    { to: { kind: 'campaign', campaignId } },
  );

describe('a campaign', () => {
  it('keeps what it was given, and what was left out has a default', async () => {
    const businessHours = { monday: { start: '08:00', end: '18:00' } };
    const made = await create({ businessHours, holidays: [{ date: '2026-12-25' }] });
    expect(made).toMatchObject({ ...NEW, status: 'active', routingStrategy: 'round_robin', numbers: [], agents: [] });
    expect(made.businessHours).toMatchObject({ monday: { start: '08:00', end: '18:00' }, sunday: null });
    expect((await ask('GET', `/campaigns/${made.id}`)).body).toEqual(made);
  });

  it('is changed in what is named alone, and a repeat tells nothing', async () => {
    const { id } = await create({ welcomeMessage: 'Hola' });
    const changed = await ask('PATCH', `/campaigns/${id}`, { name: 'Soporte' });
    expect(changed.body).toMatchObject({ name: 'Soporte', code: 'VENTAS', welcomeMessage: 'Hola' });
    await ask('PATCH', `/campaigns/${id}`, { name: 'Soporte' });
    const told = await fixture.outbox(who.tenantId, 'campaign.updated');
    expect(told.map(({ data }) => data)).toEqual([
      { campaignId: id, name: 'Soporte', code: 'VENTAS', status: 'active', changed: ['name'] },
    ]);
  });

  it('has a code of its own in the tenant, and a removed one gives its code back', async () => {
    const { id } = await create();
    expect(await ask('POST', '/campaigns', { ...NEW, code: 'ventas' })).toMatchObject({
      status: 409,
      body: { error: { entity: 'campaign' } },
    });
    await create({}, admin());
    const other = await create({ code: 'SOPORTE' });
    expect((await ask('PATCH', `/campaigns/${other.id}`, { code: 'VENTAS' })).status).toBe(409);
    expect((await ask('DELETE', `/campaigns/${id}`)).status).toBe(204);
    expect((await ask('GET', `/campaigns/${id}`)).status).toBe(404);
    await create();
  });

  it('names every field that is wrong', async () => {
    const wrong = {
      ...NEW,
      timezone: 'Bogota',
      businessHours: { monday: { start: '18:00', end: '08:00' }, tuesday: { start: '8', end: '24:00' }, friday: null },
      holidays: [{ date: '2026-02-30' }],
      slaFirstResponseSeconds: 0,
      routingStrategy: 'random',
      botWaitSeconds: 1,
      surprise: 1,
    };
    expect(await fieldsOf(ask('POST', '/campaigns', wrong))).toEqual([
      'businessHours.monday.end hours',
      'businessHours.tuesday.start invalid_format',
      'holidays.0.date invalid_format',
      'routingStrategy invalid_value',
      'slaFirstResponseSeconds too_small',
      'surprise unknown',
      'timezone timezone',
    ]);
    const twice = { ...NEW, holidays: [{ date: '2026-12-25' }, { date: '2026-12-25' }] };
    expect(await fieldsOf(ask('POST', '/campaigns', twice))).toEqual(['holidays.1.date duplicate']);
  });

  it('of another tenant is one that does not exist', async () => {
    const { id } = await create({}, admin());
    const paths: [Method, string, object?][] = [
      ['GET', `/campaigns/${id}`],
      ['GET', `/campaigns/${id}/queue`],
      ['PATCH', `/campaigns/${id}`, { name: 'X' }],
      ['DELETE', `/campaigns/${id}`],
      ['POST', `/campaigns/${id}/numbers`, { channelIds: [addChannel()] }],
      ['POST', `/campaigns/${id}/agents`, { agents: [{ userId: addUser() }] }],
    ];
    for (const [method, url, payload] of paths) expect((await ask(method, url, payload)).status).toBe(404);
    const chat = await customerWrites(addChannel());
    expect((await toCampaign(chat, id)).status).toBe(404);
    expect((await ask('GET', '/campaigns')).body).toMatchObject({ items: [], total: 0 });
  });
});

describe('the numbers of a campaign', () => {
  it('are exactly those given, the first one primary', async () => {
    const { id } = await create();
    const [one, two] = [addChannel(), addChannel()];
    await ask('POST', `/campaigns/${id}/numbers`, { channelIds: [one, two] });
    const { body } = await ask('POST', `/campaigns/${id}/numbers`, { channelIds: [two] });
    expect(body.numbers).toEqual([{ channelId: two, isPrimary: true }]);
    const names = await ask<{ items: unknown }>('GET', `/number-campaigns?channelIds=${one},${two}`);
    expect(names.body.items).toEqual([{ id, name: 'Ventas', channelId: two }]);
  });

  it('that are unknown, of another tenant, twice there or of another campaign are named', async () => {
    const [first, second] = [await create(), await create({ code: 'SOPORTE' })];
    const taken = addChannel();
    await ask('POST', `/campaigns/${first.id}/numbers`, { channelIds: [taken] });
    const give = (channelIds: string[], primaryChannelId?: string) =>
      fieldsOf(ask('POST', `/campaigns/${second.id}/numbers`, { channelIds, primaryChannelId }));
    const own = addChannel();
    expect(await give([own, taken])).toEqual(['channelIds.1 number_taken']);
    expect(await give([randomUUID(), own, addChannel(randomUUID())])).toEqual([
      'channelIds.0 unknown_channel',
      'channelIds.2 unknown_channel',
    ]);
    expect(await give([own, own])).toEqual(['channelIds.1 duplicate']);
    expect(await give([own], taken)).toEqual(['primaryChannelId unknown_channel']);
  });

  it('go to one of two campaigns that ask for them at the same moment', async () => {
    const [first, second] = [await create(), await create({ code: 'SOPORTE' })];
    const channelIds = [addChannel()];
    const answers = await Promise.all(
      [first, second].map(({ id }) => ask('POST', `/campaigns/${id}/numbers`, { channelIds })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });
});

describe('the agents of a campaign', () => {
  it('have capacity, priority and skills, and show their campaigns', async () => {
    const { id } = await create();
    const userId = addUser();
    const agents = [{ userId, maxChats: 3, priority: 10, skills: ['ventas', 'ingles'] }];
    const { body } = await ask('POST', `/campaigns/${id}/agents`, { agents });
    expect(body).toMatchObject({ agents, agentsCount: 1 });
    const { body: of } = await ask<{ items: unknown }>('GET', `/user-campaigns/${userId}`);
    expect(of.items).toEqual([{ id, name: 'Ventas', priority: 10 }]);
  });

  it('that are unknown, of another tenant, inactive or twice there are named', async () => {
    const { id } = await create();
    const own = addUser();
    const give = (...users: string[]) =>
      fieldsOf(ask('POST', `/campaigns/${id}/agents`, { agents: users.map((userId) => ({ userId })) }));
    expect(await give(own, randomUUID(), addUser(randomUUID()), addUser(who.tenantId, 'suspended'))).toEqual([
      'agents.1.userId unknown_user',
      'agents.2.userId unknown_user',
      'agents.3.userId unknown_user',
    ]);
    expect(await give(own, own)).toEqual(['agents.1.userId duplicate']);
  });
});

describe('a chat of a campaign', () => {
  it('waits in its queue with a position, the oldest first', async () => {
    const { id } = await create();
    const channelId = addChannel();
    const chats: string[] = [];
    for (const waId of ['51999000111', '51999000222', '51999000333']) {
      chats.push(await customerWrites(channelId, waId));
      expect((await toCampaign(chats.at(-1)!, id)).body).toMatchObject({ status: 'queued', campaignId: id });
    }
    // Once more changes nothing.
    await toCampaign(chats[0]!, id);
    type Page = { items: { conversationId: string; position: number }[]; total: number; nextCursor: string };
    const { body: page } = await ask<Page>('GET', `/campaigns/${id}/queue?limit=2`);
    expect(page.total).toBe(3);
    const next = await ask<Page>('GET', `/campaigns/${id}/queue?limit=2&cursor=${page.nextCursor}`);
    expect([...page.items, ...next.body.items].map((one) => [one.position, one.conversationId])).toEqual(
      chats.map((chat, i) => [i + 1, chat]),
    );
    expect((await ask('GET', `/campaigns/${id}`)).body).toMatchObject({ activeChats: 0, waitingChats: 3 });
  });

  it('leaves it when it is removed: with its agent, or to the general queue; a closed one keeps its name', async () => {
    const { id } = await create();
    const channelId = addChannel();
    const agent = addUser();
    const [waits, given, ended] = [
      await customerWrites(channelId, '51999000111'),
      await customerWrites(channelId, '51999000222'),
      await customerWrites(channelId, '51999000333'),
    ];
    for (const chat of [waits, given, ended]) await toCampaign(chat, id);
    await ask('POST', `/conversations/${given}/assign`, { userId: agent });
    await ask('POST', `/conversations/${ended}/close`, {});
    await ask('DELETE', `/campaigns/${id}`);
    const chatOf = async (chat: string) => (await ask('GET', `/conversations/${chat}`)).body;
    expect(await chatOf(waits)).toMatchObject({ status: 'queued', campaignId: null, assignedUserId: null });
    expect(await chatOf(given)).toMatchObject({ status: 'assigned', campaignId: null, assignedUserId: agent });
    expect(await chatOf(ended)).toMatchObject({ status: 'closed', campaignId: id });
    const names = await ask<{ items: unknown }>('GET', `/campaign-names?ids=${id}`);
    expect(names.body.items).toEqual([{ id, name: 'Ventas' }]);
    expect((await ask('POST', `/conversations/${ended}/reopen`)).body).toMatchObject({ campaignId: null });
  });
});
