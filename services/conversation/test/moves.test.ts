import { randomUUID } from 'node:crypto';
import { type Conversation, type Note, PLANS, permissionsOf, type Tag } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('moves');
  service = await fixture.start();
});
afterAll(() => fixture.close());

/** An admin, and a colleague. */
let who: Person;
let ana: string;
let channelId: string;
/** Of the admin's tenant: a customer wrote. */
let id: string;
beforeEach(async () => {
  who = person({ role: 'supervisor', permissions: permissionsOf('supervisor') });
  ana = addUser(who.tenantId);
  channelId = randomUUID();
  fixture.channels.set(channelId, { id: channelId, provider: 'meta', tenantId: who.tenantId });
  id = await write('51999000111');
});

function addUser(tenantId: string, status: 'active' | 'suspended' = 'active'): string {
  const userId = randomUUID();
  fixture.identity.users.set(userId, { tenantId, role: 'agent', status } as never);
  return userId;
}

/** The customer writes; the conversation that it is in. */
async function write(waId: string): Promise<string> {
  const event = received(who.tenantId, { channelId, from: { waId, phone: `+${waId}`, userId: null, name: 'Luz' } });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin.sql<{ id: string }[]>`
    select conversation_id as id from conversation.messages where id = ${event.envelope.id}`;
  return row!.id;
}

async function ask<T = Conversation & { tags: Tag[] }>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  payload?: object,
  headers = who.headers,
): Promise<{ status: number; body: T }> {
  const answer = await service.app.inject({ method, url: path, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.body ? answer.json<T>() : (null as T) };
}
const move = (verb: string, payload?: object, headers = who.headers) =>
  ask('POST', `/conversations/${id}/${verb}`, payload, headers);
const updates = async () =>
  (await fixture.outbox(who.tenantId, 'conversation.updated')).map(({ data }) => data as { changed: string[] });

describe('a conversation', () => {
  it('is given to a user, once, and everybody who listens is told once', async () => {
    const first = await move('assign', { userId: ana, reason: 'Turno' });
    expect(first).toMatchObject({ status: 200, body: { status: 'assigned', assignedUserId: ana, tags: [] } });
    expect(await move('assign', { userId: ana })).toEqual(first);
    expect(await updates()).toMatchObject([{ changed: ['status', 'assignedUserId'] }]);
  });

  it('goes back to those that wait', async () => {
    await move('assign', { userId: ana });
    expect(await move('transfer', { to: { kind: 'queue' } })).toMatchObject({
      status: 200,
      body: { status: 'queued', assignedUserId: null, assignedAt: null },
    });
  });

  it('that is handed on tells from whom, by whom and why', async () => {
    await move('assign', { userId: ana });
    await move('transfer', { to: { kind: 'queue' }, reason: 'Fin de turno' });
    const transfer = { fromUserId: ana, fromCampaignId: null, reason: 'Fin de turno', byUserId: who.caller.userId };
    const told = await updates();
    expect(told).toMatchObject([{}, { changed: ['status', 'assignedUserId'], transfer }]);
    expect(told[0]).not.toHaveProperty('transfer');
  });

  it.each<[string, () => string]>([
    ['is unknown', () => randomUUID()],
    ['belongs to another tenant', () => addUser(randomUUID())],
    ['is suspended', () => addUser(who.tenantId, 'suspended')],
  ])('is not given to a user who %s', async (_why, userId) => {
    const { status, body } = await move('assign', { userId: userId() });
    expect([status, body]).toMatchObject([404, { error: { entity: 'user' } }]);
    expect(await updates()).toEqual([]);
  });

  it('of another tenant is unknown to every move', async () => {
    const stranger = person({ role: 'supervisor', permissions: permissionsOf('supervisor') });
    for (const [verb, payload] of [
      ['assign', { userId: null }],
      ['transfer', { to: { kind: 'queue' } }],
      ['close', {}],
      ['reopen', undefined],
      ['tags', { name: 'VIP' }],
      ['notes', { content: 'x' }],
    ] as const) {
      expect([verb, (await move(verb, payload, stranger.headers)).status]).toEqual([verb, 404]);
    }
    expect((await ask('PATCH', `/conversations/${id}`, { priority: 'high' }, stranger.headers)).status).toBe(404);
    expect(await updates()).toEqual([]);
  });

  it('is closed with its result, stays as it was closed, and the next message opens a new one', async () => {
    const closing = { reason: 'resolved', outcome: 'sale', value: 150.5, notes: 'Plan anual' };
    const { body } = await move('close', closing);
    expect(body).toMatchObject({ status: 'closed', closing: { reason: 'resolved', outcome: 'sale', value: 150.5 } });
    expect(await updates()).toMatchObject([{ changed: ['status', 'closing'] }]);
    expect((await move('close', { reason: 'otra' })).body.closing).toEqual(body.closing);
    const notes = await ask<{ items: Note[] }>('GET', `/conversations/${id}/notes`);
    expect(notes.body.items).toMatchObject([{ content: 'Plan anual', userId: who.caller.userId }]);
    expect((await move('assign', { userId: ana })).status).toBe(409);
    expect(await write('51999000111')).not.toBe(id);
  });

  it('is opened again with who had it, and not beside another one of the contact', async () => {
    await move('assign', { userId: ana });
    await move('close', {});
    expect((await move('reopen')).body).toMatchObject({ status: 'assigned', assignedUserId: ana, closing: null });
    await move('close', {});
    await write('51999000111');
    const { status, body } = await move('reopen');
    expect([status, body]).toMatchObject([409, { error: { entity: 'conversation_open' } }]);
  });

  it('opens again within the plan alone', async () => {
    fixture.identity.tenants.set(who.tenantId, { plan: 'starter', timezone: 'UTC' } as never);
    await move('close', {});
    const limit = PLANS.starter.maxConversations!;
    await fixture.admin.sql`
      insert into conversation.conversations (tenant_id, id, channel_id, provider, contact_id, last_message_at)
      select ${who.tenantId}, gen_random_uuid(), ${channelId}, 'meta', gen_random_uuid(), now() from generate_series(1, ${limit})`;
    const { status, body } = await move('reopen');
    expect([status, body]).toMatchObject([403, { error: { entity: 'maxConversations' } }]);
    expect((await ask('GET', `/conversations/${id}`)).body.status).toBe('closed');
  });

  it('changes in several ways at once, or not at all', async () => {
    const { tags } = (await ask<{ tags: Tag[] }>('POST', `/conversations/${id}/tags`, { name: 'Reserva' })).body;
    const tagIds = tags.map((tag) => tag.id);
    const wrong = { priority: 'urgent', tagIds: [...tagIds, randomUUID()] };
    const refused = await ask('PATCH', `/conversations/${id}`, wrong);
    expect([refused.status, refused.body]).toMatchObject([422, { error: { details: [{ field: 'tagIds.1' }] } }]);
    const all = { priority: 'high', status: 'active', assignedUserId: ana, tagIds: [], archived: true };
    expect((await ask('PATCH', `/conversations/${id}`, all)).body).toMatchObject({
      ...{ priority: 'high', status: 'active', assignedUserId: ana, tags: [], archived: true },
    });
    expect((await ask('PATCH', `/conversations/${id}`, { status: 'closed' })).body.status).toBe('closed');
    expect((await ask('PATCH', `/conversations/${id}`, { status: 'pending' })).body).toMatchObject({
      status: 'pending',
      closedAt: null,
    });
  });

  it('is neither given away nor closed by who may only change it', async () => {
    const headers = person({ tenantId: who.tenantId, permissions: ['chats.update'] }).headers;
    for (const body of [{ assignedUserId: ana }, { status: 'closed' }]) {
      expect((await ask('PATCH', `/conversations/${id}`, body, headers)).status).toBe(403);
    }
    expect((await ask('PATCH', `/conversations/${id}`, { priority: 'low' }, headers)).status).toBe(200);
    await move('close', {});
    expect((await ask('PATCH', `/conversations/${id}`, { status: 'active' }, headers)).status).toBe(403);
  });

  it('that two people take at once has one of them, and both are told who', async () => {
    const luis = addUser(who.tenantId);
    await Promise.all([move('assign', { userId: ana }), move('assign', { userId: luis })]);
    const told = (await fixture.outbox(who.tenantId, 'conversation.updated')).map(
      ({ data }) => (data as { conversation: Conversation }).conversation.assignedUserId,
    );
    expect(told.toSorted()).toEqual([ana, luis].toSorted());
    expect((await ask('GET', `/conversations/${id}`)).body.assignedUserId).toBe(told.at(-1));
  });
});

describe('tags', () => {
  it('are the tenant’s, whatever their case, and come in lists', async () => {
    const other = await write('51999000222');
    await move('tags', { name: 'VIP' });
    await move('tags', { name: 'vip' });
    const { body } = await ask<{ tags: Tag[] }>('POST', `/conversations/${other}/tags`, { name: 'Vip' });
    expect(body.tags).toMatchObject([{ name: 'VIP', color: expect.stringMatching(/^#[0-9A-F]{6}$/) }]);
    const list = await ask<{ items: { id: string; tags: Tag[] }[] }>('GET', '/conversations');
    expect(list.body.items.map((one) => one.tags)).toEqual([body.tags, body.tags]);
    const all = await ask<{ items: Tag[]; total: number }>('GET', '/tags?search=vi');
    expect(all.body).toMatchObject({ items: body.tags, total: 1 });
  });

  it('are made once by many at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, (_, i) => write(`5199900033${i}`)));
    const made = await Promise.all(
      ids.map((one) => ask<{ tags: Tag[] }>('POST', `/conversations/${one}/tags`, { name: 'Nuevo' })),
    );
    expect(new Set(made.map(({ body }) => body.tags[0]!.id)).size).toBe(1);
  });

  it('are fifty at most, and are taken off', async () => {
    for (let i = 0; i < 50; i++) await move('tags', { name: `t${i}` });
    expect(await move('tags', { name: 'one more' })).toMatchObject({ status: 422 });
    expect((await ask<{ tags: Tag[] }>('DELETE', `/conversations/${id}/tags/T7`)).body.tags).toHaveLength(49);
    expect((await ask('DELETE', `/conversations/${id}/tags/T7`)).status).toBe(404);
  });

  it('have no name that a URL would read as a folder', async () => {
    for (const name of ['.', ' .. ']) {
      const refused = await move('tags', { name });
      expect([refused.status, refused.body]).toMatchObject([
        422,
        { error: { details: [{ field: 'name', code: 'tag_name' }] } },
      ]);
    }
    expect((await move('tags', { name: '.net' })).status).toBe(200);
    const path = `/conversations/${id}/tags/${encodeURIComponent('.net')}`;
    expect((await ask<{ tags: Tag[] }>('DELETE', path)).body.tags).toEqual([]);
  });
});

describe('notes', () => {
  it('are written once per key, and mention users of the tenant', async () => {
    const key = { ...who.headers, 'idempotency-key': randomUUID() };
    const note = { content: '@Ana, mira', mentions: [ana] };
    const [one, two] = [await move('notes', note, key), await move('notes', note, key)];
    expect(one).toMatchObject({ status: 201, body: { content: '@Ana, mira', mentions: [ana] } });
    expect(two.body.id).toBe(one.body.id);
    const wrong = await move('notes', { content: 'x', mentions: [ana, randomUUID()] });
    expect([wrong.status, wrong.body]).toMatchObject([422, { error: { details: [{ field: 'mentions.1' }] } }]);
  });

  it('are walked from the last to the first', async () => {
    for (let i = 0; i < 5; i++) await move('notes', { content: String(i) });
    type Page = { items: Note[]; total: number; nextCursor: string | null };
    const first = (await ask<Page>('GET', `/conversations/${id}/notes?limit=3`)).body;
    const next = (await ask<Page>('GET', `/conversations/${id}/notes?limit=3&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...next.items].map(({ content }) => content)).toEqual(['4', '3', '2', '1', '0']);
    expect([first.total, next.nextCursor]).toEqual([5, null]);
  });
});
