import { randomUUID } from 'node:crypto';
import { type Draft, MAX_DRAFTS } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eraseDrafts, pruneDrafts } from '../src/drafts/store.ts';
import { forgetUsers } from '../src/forget-users.ts';
import type { RunningConversation } from '../src/service.ts';
import { type Desk, openDesk, problemsOf } from './desk.ts';
import { createFixture, type Fixture, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
let desk: Desk;
beforeAll(async () => {
  fixture = await createFixture('drafts');
  service = await fixture.start();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  desk = await openDesk(fixture, service);
});

const save = (chat: string, payload: object, who = desk.agent) =>
  desk.ask<Draft>(who, 'PUT', `/conversations/${chat}/draft`, payload);
const read = async (chat: string, who = desk.agent) =>
  (await desk.ask<Draft>(who, 'GET', `/conversations/${chat}/draft`)).body;
const list = async (query = '', who = desk.agent) =>
  (await desk.ask<{ items: Draft[]; total: number; nextCursor: string | null }>(who, 'GET', `/drafts?${query}`)).body;

describe('a draft', () => {
  it('is kept for its writer alone', async () => {
    const { id } = await desk.addChat();
    const fileId = randomUUID();
    expect(await save(id, { text: ' Le confirmo ', fileId })).toMatchObject({
      status: 200,
      body: { conversationId: id, text: ' Le confirmo ', fileId, replyTo: null },
    });
    expect(await read(id)).toMatchObject({ text: ' Le confirmo ' });
    expect(await read(id, desk.boss)).toMatchObject({ text: '', version: 0, updatedAt: null });
    expect((await list('', desk.boss)).items).toEqual([]);
  });

  it('goes to the last writer, and two screens notice each other by its version', async () => {
    const { id } = await desk.addChat();
    const first = await save(id, { text: 'a', version: 0 });
    const second = await save(id, { text: 'b', version: first.body.version });
    expect(second.body.version).toBeGreaterThan(first.body.version);
    for (const version of [0, first.body.version]) {
      const late = await save(id, { text: 'c', version });
      expect([late.status, problemsOf(late)]).toEqual([409, ['version overtaken']]);
    }
    expect((await save(id, { text: 'd' })).status).toBe(200);
    expect(await read(id)).toMatchObject({ text: 'd' });
  });

  it('of two screens that begin at once is kept once', async () => {
    const { id } = await desk.addChat();
    const answers = await Promise.all([1, 2, 3, 4].map((n) => save(id, { text: `${n}`, version: 0 })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it('without content is dropped', async () => {
    const { id } = await desk.addChat();
    await save(id, { text: 'a' });
    expect((await save(id, { text: '  ' })).body).toMatchObject({ version: 0 });
    expect((await list()).total).toBe(0);
    await save(id, { text: 'a' });
    expect((await desk.ask(desk.agent, 'DELETE', `/conversations/${id}/draft`)).status).toBe(204);
    expect(await read(id)).toMatchObject({ version: 0 });
  });

  it('goes with the message that it was, where the send says so', async () => {
    const { id } = await desk.addChat();
    const send = (more: object) =>
      desk.ask(desk.agent, 'POST', `/conversations/${id}/messages`, { text: 'Hola', ...more });
    await save(id, { text: 'Hola' });
    await save(id, { text: 'Otro' }, desk.boss);
    expect((await send({})).status).toBe(201);
    expect(await read(id)).toMatchObject({ text: 'Hola' });
    expect((await send({ clearDraft: true })).status).toBe(201);
    expect(await read(id)).toMatchObject({ version: 0 });
    expect(await read(id, desk.boss)).toMatchObject({ text: 'Otro' });
  });

  it('stays when the message is refused', async () => {
    const { id } = await desk.addChat({ lastInboundAt: new Date('2026-01-01') });
    await save(id, { text: 'Hola' });
    const refused = await desk.ask(desk.agent, 'POST', `/conversations/${id}/messages`, {
      text: 'Hola',
      clearDraft: true,
    });
    expect(refused.status).toBe(422);
    expect(await read(id)).toMatchObject({ text: 'Hola' });
  });

  it('of the chat of another tenant is a 404, and a key has none', async () => {
    const stranger = await openDesk(fixture, service);
    const { id } = await stranger.addChat();
    expect((await save(id, { text: 'a' })).status).toBe(404);
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await desk.ask(desk.agent, method, `/conversations/${id}/draft`)).status).toBe(404);
    }
    const key = person({ tenantId: desk.tenantId, userId: null, role: 'key', permissions: ['messages.create'] });
    expect((await desk.ask(key, 'GET', '/drafts')).status).toBe(403);
  });
});

describe('the drafts of a user', () => {
  it('are listed by their last change, and walked once each', async () => {
    const chats = [await desk.addChat(), await desk.addChat(), await desk.addChat()];
    for (const { id } of chats) await save(id, { text: 'a' });
    await save(chats[0]!.id, { text: 'b' });
    const first = await list('limit=2');
    const next = await list(`limit=2&cursor=${first.nextCursor}`);
    const order = [chats[0]!, chats[2]!, chats[1]!].map(({ id }) => id);
    expect([...first.items, ...next.items].map((one) => one.conversationId)).toEqual(order);
    expect([first.total, next.nextCursor]).toEqual([3, null]);
  });

  it('are at most so many: a new one takes the place of the oldest', async () => {
    const { tenantId } = desk;
    const userId = desk.agent.caller.userId!;
    await fixture.admin.sql`
      insert into conversation.conversation_drafts (tenant_id, user_id, conversation_id, version, text, updated_at)
      select ${tenantId}, ${userId}, gen_random_uuid(), 1, n::text, now() - make_interval(mins => n)
      from generate_series(1, ${MAX_DRAFTS}) n`;
    await save((await desk.addChat()).id, { text: 'nuevo' });
    const [row] = await fixture.admin.sql`
      select count(*)::int as count, bool_or(text = ${String(MAX_DRAFTS)}) as oldest
      from conversation.conversation_drafts where tenant_id = ${tenantId}`;
    expect(row).toEqual({ count: MAX_DRAFTS, oldest: false });
  });

  it('go with the user, with the contact, and with time', async () => {
    const { tenantId } = desk;
    const [one, two] = [await desk.addChat(), await desk.addChat()];
    const userId = desk.agent.caller.userId!;
    for (const { id } of [one, two]) await save(id, { text: 'a' });
    await save(one.id, { text: 'b' }, desk.boss);
    await withWorker(fixture.worker, (tx) => eraseDrafts(tx, tenantId, two.id));
    expect((await list()).total).toBe(1);
    await withWorker(fixture.worker, (tx) => forgetUsers(tx, [{ tenantId, userId }]));
    expect([(await list()).total, (await list('', desk.boss)).total]).toEqual([0, 1]);
    await fixture.admin.sql`
      update conversation.conversation_drafts set updated_at = now() - interval '91 days' where tenant_id = ${tenantId}`;
    await withWorker(fixture.worker, (tx) => pruneDrafts(tx));
    expect((await list('', desk.boss)).total).toBe(0);
  });
});
