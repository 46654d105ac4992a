import type { Note } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { forgetUsers } from '../src/forget-users.ts';
import { eraseMentions } from '../src/notes/store.ts';
import type { RunningConversation } from '../src/service.ts';
import { type Desk, openDesk } from './desk.ts';
import { createFixture, type Fixture, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
let desk: Desk;
beforeAll(async () => {
  fixture = await createFixture('mentions');
  service = await fixture.start();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  desk = await openDesk(fixture, service);
});

const write = (chat: string, mentions: (string | null)[]) =>
  desk.ask<Note>(desk.agent, 'POST', `/conversations/${chat}/notes`, { content: 'Pide descuento', mentions });
const list = async (who = desk.boss, query = '') =>
  (
    await desk.ask<{ items: Note[]; total: number; nextCursor: string | null }>(
      who,
      'GET',
      `/conversation-mentions?${query}`,
    )
  ).body;

describe('a note that names users', () => {
  it('tells each of them once, and not its writer, without its words', async () => {
    const { id } = await desk.addChat();
    const [boss, agent] = [desk.boss.caller.userId!, desk.agent.caller.userId!];
    const { body } = await write(id, [boss, boss, agent]);
    const told = (await fixture.outbox(desk.tenantId, 'note.mentioned')).map(({ data }) => data as object);
    expect(told).toEqual([
      { noteId: body.id, conversationId: id, userId: boss, byUserId: agent, contactName: 'Luz Vera' },
    ]);
  });

  it('stands in the lists of those whom it names, the last written first', async () => {
    const { id } = await desk.addChat();
    const boss = desk.boss.caller.userId!;
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await write(id, [boss])).body.id);
    await write(id, []);
    const first = await list(desk.boss, 'limit=2');
    const next = await list(desk.boss, `limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...next.items].map((one) => one.id)).toEqual(ids);
    expect([first.total, next.nextCursor, (await list(desk.agent)).total]).toEqual([3, null, 0]);
    const key = person({ tenantId: desk.tenantId, userId: null, role: 'key', permissions: ['chats.read'] });
    expect((await desk.ask(key, 'GET', '/conversation-mentions')).status).toBe(403);
  });

  it('of another tenant is in no list, and its mentions go with it or with the user', async () => {
    const { tenantId } = desk;
    const [one, two] = [await desk.addChat(), await desk.addChat()];
    const boss = desk.boss.caller.userId!;
    for (const { id } of [one, two]) await write(id, [boss]);
    const stranger = person({ userId: boss });
    expect((await list(stranger)).total).toBe(0);
    await withWorker(fixture.worker, (tx) => eraseMentions(tx, tenantId, one.id));
    expect((await list()).total).toBe(1);
    await withWorker(fixture.worker, (tx) => forgetUsers(tx, [{ tenantId, userId: boss }]));
    expect((await list()).total).toBe(0);
  });
});
