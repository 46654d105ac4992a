import { randomUUID } from 'node:crypto';
import { type conversationApi, firstIdAt, type RouteOutput, uuidv7 } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import { orderBackfills } from '../src/search/backfill.ts';
import { collectMessages, recollectMessages } from '../src/search/collect.ts';
import { SEGMENT_SIZE } from '../src/search/segment.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('search');
  service = await fixture.start();
});
afterAll(() => fixture.close());

let who: Person;
let conversationId: string;
beforeEach(async () => {
  who = person();
  conversationId = await addChat(who.tenantId);
});

async function addChat(tenantId: string, assigned: string | null = null): Promise<string> {
  const [id, contactId] = [randomUUID(), randomUUID()];
  await fixture.admin.sql`
    insert into conversation.contacts (tenant_id, id, name, phone) values (${tenantId}, ${contactId}, 'Luz', '+51999000111')`;
  await fixture.admin.sql`
    insert into conversation.conversations (tenant_id, id, channel_id, provider, contact_id, last_message_at, assigned_user_id)
    values (${tenantId}, ${id}, ${randomUUID()}, 'meta', ${contactId}, now(), ${assigned})`;
  return id;
}

interface Given {
  tenantId?: string;
  chat?: string;
  direction?: 'inbound' | 'outbound';
  userId?: string | null;
  type?: string;
}
/** Stores messages a minute apart from each other, the first at 2030-01-01. */
async function store(contents: readonly string[], given: Given = {}): Promise<string[]> {
  const { tenantId = who.tenantId, chat = conversationId, direction = 'inbound', userId = null, type = 'text' } = given;
  const ids = contents.map(() => uuidv7());
  const times = contents.map((_, i) => new Date(Date.UTC(2030, 0, 1) + i * 60_000).toISOString());
  await fixture.admin.sql`
    insert into conversation.messages
      (tenant_id, id, conversation_id, channel_id, direction, type, content, status, author, user_id, sent_time)
    select ${tenantId}, id, ${chat}, ${randomUUID()}, ${direction}, ${type}, content, 'delivered', 'contact', ${userId}, at
    from unnest(${ids}::uuid[], ${contents as string[]}::text[], ${times}::text[]::timestamptz[]) as m (id, content, at)`;
  return ids;
}
const collect = (ids: readonly string[], tenantId = who.tenantId) =>
  withWorker(fixture.worker, (tx) =>
    collectMessages(
      tx,
      ids.map((id) => ({ tenantId, id })),
    ),
  );
async function write(contents: readonly string[], given?: Given): Promise<string[]> {
  const ids = await store(contents, given);
  await collect(ids, given?.tenantId);
  return ids;
}

type Found = RouteOutput<typeof conversationApi.searchMessages>;
async function search(query: string, more: Record<string, string> = {}, headers = who.headers): Promise<Found> {
  const answer = await service.app.inject({
    method: 'GET',
    url: '/messages-search',
    query: { query, ...more },
    headers,
  });
  expect([answer.statusCode, answer.body]).toMatchObject([200, expect.anything()]);
  return answer.json();
}
const texts = async (query: string, more?: Record<string, string>) =>
  (await search(query, more)).items.map(({ message }) => message.content);
/** Messages that hold nothing that is looked for: they fill the segment. */
const filling = (count: number) => Array.from({ length: count }, (_, i) => `relleno ${i}`);

describe.each([
  ['that wait for their segment', 0],
  ['of a segment', SEGMENT_SIZE],
])('messages %s', (_, more) => {
  it('are found by words, phrases and beginnings, the latest first, and with marks', async () => {
    await write(['Buenos días, Ana', '¿Tienen café?', 'días buenos', 'la reservación', ...filling(more)]);
    expect(await texts('DIAS')).toEqual(['días buenos', 'Buenos días, Ana']);
    expect(await texts('"buenos dias"')).toEqual(['Buenos días, Ana']);
    expect(await texts('ana dias')).toEqual(['Buenos días, Ana']);
    expect(await texts('reserv*')).toEqual(['la reservación']);
    expect(await texts('reserv')).toEqual([]);
    const [found] = (await search('cafe')).items;
    expect(found).toMatchObject({
      snippet: { text: '¿Tienen café?', marks: [{ start: 8, end: 12 }] },
      conversation: { id: conversationId, contact: { name: 'Luz' } },
    });
  });

  it('with all words are found, and not those that have one of them', async () => {
    await write(['rojo', 'verde', 'rojo y verde', ...filling(more)]);
    expect(await texts('rojo verde')).toEqual(['rojo y verde']);
    expect(await texts('rojo ver*')).toEqual(['rojo y verde']);
  });

  it('of another tenant are never found', async () => {
    const stranger = person();
    await write(['secreto', ...filling(more)], { tenantId: stranger.tenantId, chat: await addChat(stranger.tenantId) });
    expect(await texts('secreto')).toEqual([]);
    expect((await search('secreto', {}, stranger.headers)).items).toHaveLength(1);
  });

  it('are filtered by conversation, user, direction and time', async () => {
    const ana = randomUUID();
    const other = await addChat(who.tenantId, ana);
    await write(['hola uno', 'hola dos', ...filling(more)]);
    await write(['hola tres'], { chat: other });
    await write(['hola cuatro'], { direction: 'outbound', userId: ana });
    expect(await texts('hola', { conversationId: other })).toEqual(['hola tres']);
    expect((await texts('hola', { userId: ana })).sort()).toEqual(['hola cuatro', 'hola tres']);
    expect(await texts('hola', { direction: 'outbound' })).toEqual(['hola cuatro']);
    expect(await texts('hola', { from: '2030-01-01T00:00:30.000Z' })).toEqual(['hola dos']);
    expect((await texts('hola', { to: '2030-01-01T00:00:00.000Z' })).sort()).toEqual([
      'hola cuatro',
      'hola tres',
      'hola uno',
    ]);
  });

  it('that were changed are found by their new words alone, and the old ones leave the index', async () => {
    const [id] = await write(['mi clave es girasol', ...filling(more)]);
    await fixture.admin.sql`update conversation.messages set content = 'nada' where id = ${id!}`;
    expect(await texts('girasol')).toEqual([]);
    const changed = { tenantId: who.tenantId, id: id!, sentTime: new Date(Date.UTC(2030, 0, 1)) };
    await withWorker(fixture.worker, (tx) => recollectMessages(tx, [changed]));
    expect(await texts('nada')).toEqual(['nada']);
    const [left] = await fixture.admin.sql<{ count: number }[]>`
      select count(*)::int as count from conversation.search_segments
      where tenant_id = ${who.tenantId} and words::text like '%girasol%'`;
    expect(left!.count).toBe(0);
  });
});

it('every message is shown once in a walk, in order, over segments and repeats', async () => {
  const ids = await write(Array.from({ length: 2 * SEGMENT_SIZE + 40 }, (_, i) => `hola ${i}`));
  await collect(ids.slice(100, 420));
  const shown: string[] = [];
  let cursor: string | null = 'start';
  while (cursor) {
    const page: Found = await search('hola', { limit: '100', cursor });
    shown.push(...page.items.map(({ message }) => message.id));
    cursor = page.nextCursor;
  }
  expect(shown).toEqual(ids.toReversed());
});

it('the best of the latest come first by relevance, also in pages', async () => {
  await write(['hola a todos los que llegan hoy a la tienda', 'hola hola', 'hola']);
  const page = await search('hola', { sort: 'relevance', limit: '2' });
  expect(page.items.map(({ message }) => message.content)).toEqual(['hola hola', 'hola']);
  const rest = await texts('hola', { sort: 'relevance', limit: '2', cursor: page.nextCursor! });
  expect(rest).toEqual(['hola a todos los que llegan hoy a la tienda']);
});

it('reactions are not found, and signs alone are refused with the field', async () => {
  await write(['hola'], { type: 'reaction' });
  expect(await texts('hola')).toEqual([]);
  for (const query of ['¿?', '"', Array.from({ length: 13 }, (_, i) => `p${i}`).join(' ')]) {
    const answer = await service.app.inject({
      method: 'GET',
      url: '/messages-search',
      query: { query },
      headers: who.headers,
    });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      422,
      { error: { details: [{ field: 'query', code: 'search_words' }] } },
    ]);
  }
});

it('a conversation of another tenant is unknown', async () => {
  const query = { query: 'hola', conversationId: await addChat(randomUUID()) };
  const answer = await service.app.inject({ method: 'GET', url: '/messages-search', query, headers: who.headers });
  expect([answer.statusCode, answer.json()]).toMatchObject([404, { error: { entity: 'conversation' } }]);
});

it('a customer’s message is found as it comes, and messages from before are read by the job', async () => {
  await store(['mensaje antiguo', ...filling(600)]);
  const channelId = randomUUID();
  fixture.channels.set(channelId, { id: channelId, provider: 'meta', tenantId: who.tenantId });
  const event = received(who.tenantId, { channelId, content: 'mensaje nuevo' });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  await eventually(async () => expect((await texts('mensaje')).sort()).toEqual(['mensaje antiguo', 'mensaje nuevo']));
  await eventually(async () => expect((await search('mensaje')).isComplete).toBe(true));
});

it('a tenant that is silent has its messages read too', async () => {
  await store(['mensaje antiguo']);
  // By another process, whose clock is ahead.
  const id = firstIdAt(Date.now() + 60_000);
  await fixture.admin.sql`update conversation.messages set id = ${id} where tenant_id = ${who.tenantId}`;
  await orderBackfills(service.deps);
  await eventually(async () => expect(await texts('antiguo')).toEqual(['mensaje antiguo']));
});
