import { randomUUID } from 'node:crypto';
import { type Board, type BoardCard, type CountedBoard, permissionsOf, uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture, type Person, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('boards');
  service = await fixture.start();
});
afterAll(() => fixture.close());

let boss: Person;
let agent: Person;
beforeEach(async () => {
  boss = person({ role: 'supervisor', permissions: permissionsOf('supervisor') });
  agent = person({ tenantId: boss.tenantId });
  await fixture.know(boss.tenantId);
});

async function ask<T = Board>(
  who: Person,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
) {
  const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
}
const LEADS = ['new', 'contacted', 'won'].map((leadStatus) => ({ name: leadStatus, leadStatus }));
const makeLeads = async (stages: object[] = LEADS) =>
  (await ask(boss, 'POST', '/boards', { name: 'Ventas', kind: 'lead_status', stages })).body;
async function makeChats(): Promise<Board> {
  const campaign = { name: 'Ventas', code: randomUUID(), timezone: 'America/Lima' };
  const { id: campaignId } = (await ask<{ id: string }>(boss, 'POST', '/campaigns', campaign)).body;
  const stages = [{ name: 'Nuevo' }, { name: 'En curso' }, { name: 'Cerrado', isClosed: true }];
  return (await ask(boss, 'POST', '/boards', { name: 'Chats', kind: 'campaign', campaignId, stages })).body;
}
async function addContact(name: string, leadStatus = 'new', tenantId = boss.tenantId): Promise<string> {
  const id = uuidv7();
  await fixture.admin.sql`
    insert into conversation.contacts (tenant_id, id, name, lead_status, ltv, entered_at)
    values (${tenantId}, ${id}, ${name}, ${leadStatus}, 10, now())`;
  return id;
}
async function addChat(board: Board, name: string, status = 'new'): Promise<string> {
  const contactId = await addContact(name);
  const id = uuidv7();
  await fixture.admin.sql`
    insert into conversation.conversations
      (tenant_id, id, channel_id, provider, contact_id, campaign_id, status, last_message_at, closed_at, outcome_value)
    values (${boss.tenantId}, ${id}, ${randomUUID()}, 'meta', ${contactId}, ${board.campaignId}, ${status}, now(),
            ${status === 'closed' ? new Date() : null}, ${status === 'closed' ? 5 : null})`;
  return id;
}
const cardsOf = async (board: Board, stage: number, query = '', who = boss) =>
  (
    await ask<{ items: BoardCard[]; nextCursor: string | null }>(
      who,
      'GET',
      `/boards/${board.id}/stages/${board.stages[stage]!.id}/cards?${query}`,
    )
  ).body;
const names = async (board: Board, stage: number, query = '') =>
  (await cardsOf(board, stage, query)).items.map(({ contact }) => contact.name);
const move = (board: Board, cardId: string, stage: number, at: object = {}, who = agent) =>
  ask<BoardCard>(who, 'POST', `/boards/${board.id}/cards/${cardId}/move`, { stageId: board.stages[stage]!.id, ...at });
const events = async (name: string) =>
  (await fixture.outbox(boss.tenantId, name)).map(({ data }) => data as Record<string, unknown>);

describe('a board of contacts', () => {
  it('shows each contact in the stage of its lead status, the newest on top, with counts and values', async () => {
    const board = await makeLeads();
    for (const name of ['Ana', 'Beto', 'Carla']) await addContact(name);
    await addContact('Dani', 'won');
    await addContact('Ever', 'lost');
    expect(await names(board, 0)).toEqual(['Carla', 'Beto', 'Ana']);
    expect(await names(board, 2)).toEqual(['Dani']);
    const counted = (await ask<CountedBoard>(boss, 'GET', `/boards/${board.id}`)).body;
    expect(counted.stages).toMatchObject([
      { cards: 3, value: 30, isCapped: false },
      { cards: 0, value: 0 },
      { cards: 1, value: 10 },
    ]);
  });

  it('gives a moved contact the lead status, and follows one that changed elsewhere', async () => {
    const board = await makeLeads();
    const [ana, beto] = [await addContact('Ana'), await addContact('Beto')];
    const moved = await move(board, ana, 1);
    expect(moved).toMatchObject({ status: 200, body: { id: ana, contact: { leadStatus: 'contacted' } } });
    expect([await names(board, 0), await names(board, 1)]).toEqual([['Beto'], ['Ana']]);
    const [fresh, contacted, won] = board.stages.map(({ id }) => id);
    const byUserId = agent.caller.userId;
    expect(await events('board.card-moved')).toMatchObject([
      { boardId: board.id, cardId: ana, fromStageId: fresh, stageId: contacted, byUserId },
    ]);
    expect(await events('contact.updated')).toMatchObject([{ contactId: ana, changed: ['leadStatus'] }]);
    expect((await ask(boss, 'PUT', `/contacts/${beto}`, { leadStatus: 'won' })).status).toBe(200);
    expect([await names(board, 0), await names(board, 2)]).toEqual([[], ['Beto']]);
    expect(await events('board.card-moved')).toMatchObject([{}, { cardId: beto, fromStageId: fresh, stageId: won }]);
  });

  it('places cards above and below others, and pages keep that order', async () => {
    const board = await makeLeads();
    const ids: Record<string, string> = {};
    for (const name of ['A', 'B', 'C', 'D', 'E']) ids[name] = await addContact(name);
    expect(await names(board, 0)).toEqual(['E', 'D', 'C', 'B', 'A']);
    await move(board, ids.A!, 0, { before: ids.D });
    expect(await names(board, 0)).toEqual(['E', 'A', 'D', 'C', 'B']);
    await move(board, ids.E!, 0, { after: ids.B });
    expect(await names(board, 0)).toEqual(['A', 'D', 'C', 'B', 'E']);
    await move(board, ids.C!, 0, { before: ids.A });
    expect(await names(board, 0)).toEqual(['C', 'A', 'D', 'B', 'E']);
    const shown: (string | null)[] = [];
    for (let cursor: string | null = 'start'; cursor; ) {
      const page = await cardsOf(board, 0, `limit=2&cursor=${cursor}`);
      shown.push(...page.items.map(({ contact }) => contact.name));
      cursor = page.nextCursor;
    }
    expect(shown).toEqual(['C', 'A', 'D', 'B', 'E']);
    await addContact('F');
    expect((await names(board, 0))[0]).toBe('F');
  });

  it('keeps the order through hundreds of moves into one place', async () => {
    const board = await makeLeads();
    const top = await addContact('Z');
    const rest: string[] = [];
    for (let i = 0; i < 3; i++) rest.push(await addContact(`N${i}`));
    await move(board, top, 0, { before: rest[2]! });
    for (let i = 0; i < 220; i++) {
      const card = rest[i % 3]!;
      expect((await move(board, card, 0, { after: top })).status).toBe(200);
      if (i % 20 === 0) expect((await cardsOf(board, 0)).items.slice(0, 2).map(({ id }) => id)).toEqual([top, card]);
    }
    const order = (await cardsOf(board, 0)).items.map(({ id }) => id);
    expect(order).toEqual([top, rest[219 % 3], rest[218 % 3], rest[217 % 3]]);
  });

  it('keeps all cards, each once, when many are moved at the same time', async () => {
    const board = await makeLeads([LEADS[0]!, { ...LEADS[1]!, wipLimit: 5 }, LEADS[2]!]);
    const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => addContact(`N${i}`)));
    const answers = await Promise.all(ids.map((id) => move(board, id, 1)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(answers.find(({ status }) => status !== 200)).toMatchObject({
      status: 409,
      body: { error: { entity: 'board_stage', details: [{ field: 'stageId', code: 'stage_full' }] } },
    });
    const all = [...(await cardsOf(board, 0)).items, ...(await cardsOf(board, 1)).items].map(({ id }) => id);
    expect(all.toSorted()).toEqual(ids.toSorted());
    const [inside] = (await cardsOf(board, 1)).items;
    expect((await move(board, inside!.id, 1, { after: (await cardsOf(board, 1)).items[3]!.id })).status).toBe(200);
  });

  it('shows those of a tag or an agent', async () => {
    const board = await makeLeads();
    const [ana] = [await addContact('Ana'), await addContact('Beto')];
    await ask(boss, 'POST', `/contacts/${ana}/tags`, { name: 'VIP' });
    expect(await names(board, 0, 'tag=vip')).toEqual(['Ana']);
    await fixture.admin.sql`
      insert into conversation.conversations
        (tenant_id, id, channel_id, provider, contact_id, status, last_message_at, assigned_user_id)
      values (${boss.tenantId}, ${uuidv7()}, ${randomUUID()}, 'meta', ${ana}, 'active', now(), ${agent.caller.userId})`;
    expect(await names(board, 0, `assignedUserId=${agent.caller.userId}`)).toEqual(['Ana']);
    const counted = await ask<CountedBoard>(boss, 'GET', `/boards/${board.id}?tag=VIP`);
    expect(counted.body.stages[0]).toMatchObject({ cards: 1 });
  });
});

describe('a board of chats', () => {
  it('shows new chats in the first stage, moved ones where they are, and closed ones in theirs', async () => {
    const board = await makeChats();
    const ana = await addChat(board, 'Ana');
    await addChat(board, 'Beto');
    await addChat(board, 'Carla', 'closed');
    expect([await names(board, 0), await names(board, 1), await names(board, 2)]).toEqual([
      ['Beto', 'Ana'],
      [],
      ['Carla'],
    ]);
    await move(board, ana, 1);
    expect([await names(board, 0), await names(board, 1)]).toEqual([['Beto'], ['Ana']]);
    expect((await ask(agent, 'POST', `/conversations/${ana}/close`, { value: 7 })).status).toBe(200);
    expect([await names(board, 1), await names(board, 2)]).toEqual([[], ['Carla', 'Ana']]);
    const counted = (await ask<CountedBoard>(boss, 'GET', `/boards/${board.id}`)).body;
    expect(counted.stages.map(({ cards, value }) => [cards, value])).toEqual([
      [1, 0],
      [0, 0],
      [2, 12],
    ]);
    expect((await ask(agent, 'POST', `/conversations/${ana}/reopen`)).status).toBe(200);
    expect([await names(board, 1), await names(board, 2)]).toEqual([['Ana'], ['Carla']]);
    const stages = board.stages.map(({ id }) => id);
    expect((await events('board.card-moved')).map(({ fromStageId, stageId }) => [fromStageId, stageId])).toEqual([
      [stages[0], stages[1]],
      [stages[1], stages[2]],
      [stages[2], stages[1]],
    ]);
  });

  it('closes a chat that is moved to the closed ones, and lets none out of there', async () => {
    const board = await makeChats();
    const ana = await addChat(board, 'Ana');
    const bare = person({ tenantId: boss.tenantId, permissions: ['chats.read', 'chats.update'] });
    expect((await move(board, ana, 2, {}, bare)).status).toBe(403);
    expect(await names(board, 0)).toEqual(['Ana']);
    expect(await move(board, ana, 2)).toMatchObject({ status: 200, body: { status: 'closed' } });
    expect(await events('board.card-moved')).toHaveLength(1);
    expect(await move(board, ana, 0)).toMatchObject({ status: 409, body: { error: { entity: 'conversation' } } });
  });

  it('loses a stage without losing its chats, and goes with its campaign', async () => {
    const board = await makeChats();
    const ana = await addChat(board, 'Ana');
    await move(board, ana, 1);
    const [first, , last] = board.stages;
    const stages = [{ ...first, name: 'Entrada' }, last];
    const changed = await ask(boss, 'PUT', `/boards/${board.id}`, { stages });
    expect(changed.body.stages.map(({ id, name }) => [id, name])).toEqual([
      [first!.id, 'Entrada'],
      [last!.id, 'Cerrado'],
    ]);
    expect(await names(changed.body, 0)).toEqual(['Ana']);
    const admin = person({ tenantId: boss.tenantId, role: 'admin', permissions: permissionsOf('admin') });
    expect((await ask(admin, 'DELETE', `/campaigns/${board.campaignId}`)).status).toBe(204);
    expect((await ask(boss, 'GET', `/boards/${board.id}`)).status).toBe(404);
  });
});

describe('what does not fit', () => {
  it('is refused by its field, and changes nothing', async () => {
    const make = (body: object) =>
      ask<{ error: { details: object[] } }>(boss, 'POST', '/boards', { name: 'X', ...body });
    const stages = [{ name: 'Nuevo', leadStatus: 'new' }];
    const fields = async (body: object) => {
      const { status, body: answer } = await make(body);
      return [status, answer.error.details?.map((one) => (one as { field: string }).field)];
    };
    expect(await fields({ kind: 'campaign', stages: [{ name: 'A' }] })).toEqual([422, ['campaignId']]);
    expect(await fields({ kind: 'lead_status', campaignId: randomUUID(), stages })).toEqual([422, ['campaignId']]);
    expect(await fields({ kind: 'lead_status', stages: [{ name: 'A' }] })).toEqual([422, ['stages.0.leadStatus']]);
    expect(await fields({ kind: 'lead_status', stages: [...stages, ...stages] })).toEqual([
      422,
      ['stages.1.leadStatus'],
    ]);
    expect(await fields({ kind: 'lead_status', stages: [{ ...stages[0], color: 'rojo' }] })).toEqual([
      422,
      ['stages.0.color'],
    ]);
    expect((await make({ kind: 'campaign', campaignId: randomUUID(), stages: [{ name: 'A' }] })).status).toBe(404);
    expect((await ask<{ items: Board[] }>(boss, 'GET', '/boards')).body.items).toEqual([]);
    expect((await ask(agent, 'POST', '/boards', { name: 'X', kind: 'lead_status', stages })).status).toBe(403);
  });

  it('of a move names the field', async () => {
    const board = await makeLeads();
    const [ana, beto] = [await addContact('Ana'), await addContact('Beto', 'won')];
    const at = (body: object) => ask<object>(agent, 'POST', `/boards/${board.id}/cards/${ana}/move`, body);
    const stageId = board.stages[0]!.id;
    const named = (field: string) => ({ status: 422, body: { error: { details: [{ field }] } } });
    expect(await at({ stageId: randomUUID() })).toMatchObject(named('stageId'));
    expect(await at({ stageId, before: beto })).toMatchObject(named('before'));
    expect(await at({ stageId, after: ana })).toMatchObject(named('after'));
    expect(await at({ stageId, before: beto, after: beto })).toMatchObject(named('after'));
    expect(await at({ stageId })).toMatchObject({ status: 200 });
    expect(await events('board.card-moved')).toEqual([]);
  });

  it('of another tenant is not found, neither board nor card', async () => {
    const board = await makeLeads();
    const stranger = person({ role: 'admin', permissions: permissionsOf('admin') });
    const foreign = await addContact('Eva', 'new', stranger.tenantId);
    expect((await move(board, foreign, 1)).status).toBe(404);
    expect((await ask(stranger, 'GET', `/boards/${board.id}`)).status).toBe(404);
    expect((await ask(stranger, 'DELETE', `/boards/${board.id}`)).status).toBe(404);
    expect((await move(board, foreign, 1, {}, stranger)).status).toBe(404);
    expect(await names(board, 0)).toEqual([]);
  });

  it('a board of contacts takes the permission of contacts', async () => {
    const board = await makeLeads();
    const bare = person({ tenantId: boss.tenantId, permissions: ['chats.read', 'chats.update'] });
    const ana = await addContact('Ana');
    expect((await ask(bare, 'GET', `/boards/${board.id}`)).status).toBe(403);
    expect((await ask(bare, 'GET', `/boards/${board.id}/stages/${board.stages[0]!.id}/cards`)).status).toBe(403);
    expect((await move(board, ana, 1, {}, bare)).status).toBe(403);
  });
});
