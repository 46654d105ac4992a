import { randomUUID } from 'node:crypto';
import { conversationApi } from '@recado/contracts';
import { connect, withTenant, withWorker } from '@recado/database';
import { createClient, serviceCaller } from '@recado/service-kit';
import { internalTokens } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, insist, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('api');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const get = (who: Person, url: string, query: Record<string, string> = {}) =>
  service.app.inject({ method: 'GET', url, query, headers: who.headers });
const post = (who: Person, url: string, payload: unknown, app = service.app) =>
  app.inject({
    method: 'POST',
    url,
    headers: { ...who.headers, 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
const send = (who: Person, conversationId: string, text = 'Hola') =>
  post(who, `/conversations/${conversationId}/messages`, { type: 'text', text });
const toPhone = (who: Person, channelId: string, to: string, text = 'Hola') =>
  post(who, `/channels/${channelId}/messages`, { to, text });

function channelOf(who: Person, provider: 'meta' | 'evolution' = 'meta'): string {
  const id = randomUUID();
  fixture.channels.set(id, { id, provider, tenantId: who.tenantId });
  return id;
}

/** Stores customers' messages and returns their conversations' ids, in their order. */
async function hear(who: Person, ...messages: Parameters<typeof received>[1][]): Promise<string[]> {
  const events = messages.map((message) => received(who.tenantId, message));
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, events.map(delivered), new Date()));
  const rows = await fixture.admin.sql`
    select id, conversation_id from conversation.messages where id = any(${events.map((e) => e.envelope.id)}::uuid[])`;
  return events.map((e) => rows.find((row) => row.id === e.envelope.id)!.conversation_id);
}
const hearOne = async (who: Person, message: Parameters<typeof received>[1] = {}) => (await hear(who, message))[0]!;

describe('sending in a conversation', () => {
  it('answers 201 with the pending message and the conversation, now with an agent', async () => {
    const who = person();
    const id = await hearOne(who);
    const response = await send(who, id, 'En qué le ayudo?');
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({
      message: { content: 'En qué le ayudo?', status: 'pending', author: 'user', userId: who.caller.userId },
      conversation: { id, status: 'active', unreadCount: 0, messageCount: 2, lastMessage: { direction: 'outbound' } },
    });
    expect(response.json().conversation.firstResponseAt).not.toBeNull();
    const messageId = response.json().message.id;
    expect(await fixture.outbox(who.tenantId, 'message.requested')).toMatchObject([
      { data: { messageId, to: { waId: '51999888777', phone: '+51999888777' }, text: 'En qué le ayudo?' } },
    ]);
    expect(await fixture.outbox(who.tenantId, 'message.created')).toHaveLength(2);
    expect(await fixture.outbox(who.tenantId, 'conversation.updated')).toMatchObject([
      { data: { changed: ['status', 'firstResponseAt', 'unreadCount'] } },
    ]);
  });

  it('sets the time of the first response once', async () => {
    const who = person();
    const id = await hearOne(who);
    const first = (await send(who, id)).json().conversation.firstResponseAt;
    const second = await send(who, id);
    expect(second.json().conversation.firstResponseAt).toBe(first);
    expect(await fixture.outbox(who.tenantId, 'conversation.updated')).toHaveLength(1);
  });

  it('outside the provider’s reply window gets 422 outside_window and stores nothing', async () => {
    const who = person();
    const sentTime = new Date(Date.now() - 25 * 3_600_000).toISOString();
    const id = await hearOne(who, { sentTime });
    const response = await send(who, id);
    expect(response.statusCode).toBe(422);
    expect(response.json().error).toMatchObject({
      code: 'outside_window',
      details: [{ field: 'template', code: 'template_usable', params: { said: 'welcome (es)' } }],
    });
    expect((await get(who, `/conversations/${id}`)).json().messageCount).toBe(1);
    const elsewhere = await hearOne(who, { sentTime, provider: 'evolution' });
    expect((await send(who, elsewhere)).statusCode).toBe(201);
    const threeHoursAgo = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const shorter = await hearOne(who, { sentTime: threeHoursAgo, provider: 'wppconnect' });
    expect((await send(who, shorter)).json().error.message).toContain('more than 2 hours ago');
    const lenient = await fixture.start({ enforceWindow: false });
    expect(
      (await post(who, `/conversations/${id}/messages`, { type: 'text', text: 'x' }, lenient.app)).statusCode,
    ).toBe(201);
  });

  it('leaves the window to the provider while the connector does not know it', async () => {
    const who = person();
    const sentTime = new Date(Date.now() - 25 * 3_600_000).toISOString();
    const id = await hearOne(who, { sentTime });
    const copy = await fixture.start();
    const ask = () => post(who, `/conversations/${id}/messages`, { type: 'text', text: 'x' }, copy.app);
    const { hours } = fixture.windows;
    fixture.windows.hours = null;
    expect((await ask()).statusCode).toBe(201);
    fixture.windows.hours = hours;
    expect((await ask()).statusCode).toBe(422);
  });

  it('in a closed conversation gets 409', async () => {
    const who = person();
    const id = await hearOne(who);
    await fixture.admin.sql`update conversation.conversations set status = 'closed' where id = ${id}`;
    expect((await send(who, id)).statusCode).toBe(409);
  });

  it('without messages.create gets 403, and without a token 401', async () => {
    const who = person();
    const id = await hearOne(who);
    const reader = person({ tenantId: who.tenantId, permissions: ['chats.read', 'messages.read'] });
    expect((await send(reader, id)).statusCode).toBe(403);
    const bare = {
      method: 'POST' as const,
      url: `/conversations/${id}/messages`,
      payload: { type: 'text', text: 'x' },
    };
    expect((await service.app.inject(bare)).statusCode).toBe(401);
  });

  it.each([
    ['no text', { type: 'text' }],
    ['blank text', { type: 'text', text: '  ' }],
    ['4,097 characters', { type: 'text', text: 'x'.repeat(4097) }],
    ['an unknown key', { type: 'text', text: 'x', tenant_id: randomUUID() }],
    ['another type', { type: 'image', text: 'x' }],
    ['a NUL', { type: 'text', text: 'a\0b' }],
  ])('%s is refused with 4xx', async (_, payload) => {
    const who = person();
    const id = await hearOne(who);
    const response = await post(who, `/conversations/${id}/messages`, payload);
    expect([400, 422]).toContain(response.statusCode);
    expect(await fixture.outbox(who.tenantId, 'message.requested')).toHaveLength(0);
  });
});

describe('sending to a phone', () => {
  it('makes the contact and the conversation, as the documented example does', async () => {
    const who = person();
    const channelId = channelOf(who);
    const response = await toPhone(who, channelId, '51999888777', 'Hola! Este es un mensaje de prueba');
    expect(response.statusCode).toBe(201);
    expect(response.json()).toMatchObject({
      message: {
        content: 'Hola! Este es un mensaje de prueba',
        type: 'text',
        direction: 'outbound',
        status: 'pending',
      },
      conversation: {
        channelId,
        status: 'active',
        messageCount: 1,
        firstResponseAt: null,
        contact: { phone: '+51999888777' },
      },
    });
    expect(await fixture.outbox(who.tenantId, 'contact.created')).toHaveLength(1);
    expect(await fixture.outbox(who.tenantId, 'conversation.created')).toHaveLength(1);
    expect(await fixture.outbox(who.tenantId, 'message.requested')).toMatchObject([
      { data: { to: { waId: null, phone: '+51999888777', userId: null } } },
    ]);
    expect(await fixture.outbox(who.tenantId, 'message.created')).toMatchObject([
      { data: { conversation: { isNew: true } } },
    ]);
  });

  it('finds a customer who wrote under another spelling, and answers to that address', async () => {
    const who = person();
    const channelId = channelOf(who);
    const id = await hearOne(who, { channelId, from: { waId: '551187654321', phone: '+551187654321' } });
    const response = await toPhone(who, channelId, '+55 (11) 98765-4321');
    expect(response.json().conversation).toMatchObject({ id, messageCount: 2, status: 'active', unreadCount: 0 });
    const other = await toPhone(who, channelOf(who), '5511987654321');
    expect(other.json().conversation.contact.id).toBe(response.json().conversation.contact.id);
    const to = { waId: '551187654321' };
    expect(await fixture.outbox(who.tenantId, 'message.requested')).toMatchObject([{ data: { to } }, { data: { to } }]);
    expect(await fixture.outbox(who.tenantId, 'conversation.updated')).toHaveLength(1);
  });

  it('makes one contact and one conversation for 50 at once', async () => {
    const who = person();
    const channelId = channelOf(who);
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => insist(() => toPhone(who, channelId, '51911111111'))),
    );
    expect(new Set(responses.map((r) => r.statusCode))).toEqual(new Set([201]));
    expect(new Set(responses.map((r) => r.json().conversation.id)).size).toBe(1);
    expect(await fixture.outbox(who.tenantId, 'contact.created')).toHaveLength(1);
    const list = (await get(who, '/conversations')).json();
    expect(list).toMatchObject({ total: 1, items: [{ messageCount: 50 }] });
  });

  it('answers an unknown channel and another tenant’s with the same 404', async () => {
    const [who, other] = [person(), person()];
    const foreign = await toPhone(who, channelOf(other), '51999888777');
    const missing = await toPhone(who, randomUUID(), '51999888777');
    expect(foreign.statusCode).toBe(404);
    expect(foreign.json().error.entity).toBe('channel');
    expect(foreign.body).toBe(missing.body);
  });

  it('answers an invalid phone with 422 and the field', async () => {
    const who = person();
    const response = await toPhone(who, channelOf(who), 'not-a-phone');
    expect(response.statusCode).toBe(422);
    expect(response.json().error.details[0].field).toBe('to');
  });
});

describe('the list of conversations', () => {
  const who = person();
  const channels = [randomUUID(), randomUUID()] as const;
  let ids: string[];
  beforeAll(async () => {
    const names = ['Ana Pérez', 'Bruno', 'Carla', 'Diego', 'Eva', 'Ana María', 'Gil'];
    ids = await hear(
      who,
      ...names.map((name, i) => ({
        channelId: channels[i % 2]!,
        // Two share a moment: the id decides between them.
        sentTime: new Date(Date.UTC(2026, 4, 1, 0, Math.min(i, 5))).toISOString(),
        from: { waId: `5199900010${i}`, phone: `+5199900010${i}`, name },
      })),
    );
    await fixture.admin.sql`
      update conversation.conversations set status = 'closed', archived = true, priority = 'high' where id = ${ids[1]!}`;
    await fixture.admin.sql`
      update conversation.conversations set assigned_user_id = ${who.caller.userId}, status = 'assigned' where id = ${ids[2]!}`;
  });
  const list = async (query: Record<string, string> = {}) => {
    const response = await get(who, '/conversations', query);
    expect(response.statusCode, response.body).toBe(200);
    return response.json() as {
      items: { id: string; contact: { name: string } }[];
      total: number;
      nextCursor: string | null;
    };
  };
  const indexes = (items: { id: string }[]) => items.map(({ id }) => ids.indexOf(id));

  it('shows the last active first, with contact, last message and total', async () => {
    const { items, total, nextCursor } = await list();
    expect(total).toBe(7);
    expect(nextCursor).toBeNull();
    expect(indexes(items).slice(2)).toEqual([4, 3, 2, 1, 0]);
    expect(items[4]).toMatchObject({ contact: { name: 'Carla' }, lastMessage: { content: 'Hola' }, unreadCount: 1 });
  });

  it('shows all of them once by cursor', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list({ limit: '3', count: 'false', ...(cursor === null ? {} : { cursor }) });
      expect(page.total).toBeNull();
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual((await list()).items.map(({ id }) => id));
  });

  it('keeps the exact order over pages when many were active within seconds', async () => {
    const busy = person();
    const start = Date.UTC(2026, 4, 2, 12, 0, 3);
    // Within and across the ten seconds that the indexes hold, several in the same millisecond.
    const times = Array.from({ length: 24 }, (_, i) => start + ((i * 7) % 12) * 1700);
    await hear(
      busy,
      ...times.map((time, i) => ({
        channelId: channels[0],
        sentTime: new Date(time).toISOString(),
        from: { waId: `519990002${String(i).padStart(2, '0')}`, phone: null },
      })),
    );
    const seen: { id: string; lastMessageAt: string }[] = [];
    for (let page = 1; page <= 5; page++) {
      const query = { limit: '5', page: String(page) };
      seen.push(...(await get(busy, '/conversations', query)).json<{ items: typeof seen }>().items);
    }
    const key = ({ lastMessageAt, id }: { id: string; lastMessageAt: string }) => `${lastMessageAt} ${id}`;
    expect(seen.map(key)).toEqual(seen.map(key).toSorted().reverse());
    expect(new Set(seen.map(({ id }) => id)).size).toBe(24);
  });

  it('goes by page number too, to 10,000 rows', async () => {
    const all = (await list()).items;
    expect((await list({ page: '2', limit: '3' })).items).toEqual(all.slice(3, 6));
    expect((await list({ page: '9' })).items).toEqual([]);
    expect((await get(who, '/conversations', { page: '101', limit: '100' })).statusCode).toBe(422);
  });

  it.each<[string, () => Record<string, string>, number[]]>([
    ['status', () => ({ statuses: 'closed,assigned' }), [2, 1]],
    ['archived', () => ({ archived: 'true' }), [1]],
    ['not archived, of a channel', () => ({ archived: 'false', channelId: channels[1] }), [5, 3]],
    ['assigned', () => ({ assignedUserId: who.caller.userId! }), [2]],
    ['campaign', () => ({ campaignId: randomUUID() }), []],
    ['priority', () => ({ priority: 'high' }), [1]],
    ['name', () => ({ search: 'ana', channelId: channels[0] }), [0]],
    ['phone with separators', () => ({ search: '+51 999 000 103' }), [3]],
    ['part of a phone', () => ({ search: '000104' }), [4]],
    ['a pattern is no pattern', () => ({ search: '%' }), []],
    ['created from', () => ({ from: new Date(Date.now() + 60_000).toISOString() }), []],
    ['created to', () => ({ to: new Date(Date.now() - 3_600_000).toISOString() }), []],
  ])('filters by %s', async (_, query, expected) => {
    const { items, total } = await list(query());
    expect(indexes(items)).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  it.each<Record<string, string>>([
    { cursor: 'nonsense' },
    { cursor: Buffer.from('{"at":1}').toString('base64url') },
    { limit: '0' },
    { nope: '1' },
  ])('refuses %j', async (query) => {
    expect((await get(who, '/conversations', query)).statusCode).toBe(422);
  });

  it('by ids leaves out missing ones', async () => {
    const response = await get(who, '/conversations-by-id', { ids: [ids[0], randomUUID(), ids[3]].join() });
    expect(indexes(response.json().items).toSorted()).toEqual([0, 3]);
  });
});

describe('a thread', () => {
  const who = person();
  let id: string;
  let messages: { id: string; content: string }[];
  beforeAll(async () => {
    const channelId = randomUUID();
    // Arrival 0…6; the third pair shares a second, and the last one comes late.
    const seconds = [1, 2, 3, 3, 4, 5, 0];
    [id] = (await hear(
      who,
      ...seconds.map((s, i) => ({
        channelId,
        content: `m${i}`,
        sentTime: new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString(),
      })),
    )) as [string];
    messages = (await get(who, `/conversations/${id}/messages`)).json().items;
  });
  const page = async (query: Record<string, string>) => {
    const response = await get(who, `/conversations/${id}/messages`, query);
    expect(response.statusCode, response.body).toBe(200);
    const { items, total, hasMore } = response.json();
    return { contents: items.map((m: { content: string }) => m.content), total, hasMore };
  };
  const idOf = (content: string) => messages.find((m) => m.content === content)!.id;

  it('is ordered by provider time, then arrival', () => {
    expect(messages.map((m) => m.content)).toEqual(['m6', 'm0', 'm1', 'm2', 'm3', 'm4', 'm5']);
  });

  it.each<[string, () => Record<string, string>, string[], boolean]>([
    ['the first', () => ({ limit: '2' }), ['m6', 'm0'], true],
    ['an offset', () => ({ limit: '2', offset: '5' }), ['m4', 'm5'], false],
    ['newest first', () => ({ limit: '2', order: 'desc' }), ['m5', 'm4'], true],
    ['before one, oldest first', () => ({ limit: '2', before: idOf('m3') }), ['m1', 'm2'], true],
    ['before one, newest first', () => ({ limit: '2', before: idOf('m1'), order: 'desc' }), ['m0', 'm6'], false],
    ['after one', () => ({ limit: '2', after: idOf('m2') }), ['m3', 'm4'], true],
    ['after one, newest first', () => ({ limit: '2', after: idOf('m3'), order: 'desc' }), ['m5', 'm4'], false],
    ['between two', () => ({ after: idOf('m0'), before: idOf('m3') }), ['m1', 'm2'], false],
  ])('%s', async (_, query, contents, hasMore) => {
    expect(await page(query())).toEqual({ contents, hasMore, total: 7 });
  });

  it('counts only when asked', async () => expect((await page({ count: 'false' })).total).toBeNull());

  it('gives 404 before a message that is not in it', async () => {
    const response = await get(who, `/conversations/${id}/messages`, { before: randomUUID() });
    expect(response.statusCode).toBe(404);
  });

  it('gives the AI the latest messages, oldest first, with the conversation', async () => {
    const client = createClient(conversationApi, {
      name: 'conversation',
      baseUrl: service.url,
      tokens: internalTokens('ai-responder'),
    });
    const caller = serviceCaller('ai-responder', who.tenantId);
    const thread = await client.getThread({ params: { conversationId: id }, query: { limit: 3 } }, { caller });
    expect(thread.conversation).toMatchObject({ id, messageCount: 7 });
    expect(thread.messages.map((m) => m.content)).toEqual(['m3', 'm4', 'm5']);
    await client.close();
  });
});

describe("another tenant's conversation", () => {
  it.each<[string, (who: Person, id: string) => ReturnType<typeof get>]>([
    ['read', (who, id) => get(who, `/conversations/${id}`)],
    ['its messages', (who, id) => get(who, `/conversations/${id}/messages`)],
    ['its thread', (who, id) => get(who, `/conversations/${id}/thread`)],
    ['written in', (who, id) => send(who, id)],
  ])('%s: 404, byte for byte a missing one', async (_, ask) => {
    const [owner, stranger] = [person(), person()];
    const id = await hearOne(owner);
    const [foreign, missing] = [await ask(stranger, id), await ask(stranger, randomUUID())];
    expect(foreign.statusCode).toBe(404);
    expect(foreign.body).toBe(missing.body);
  });

  it('is in no list, count or search', async () => {
    const [owner, stranger] = [person(), person()];
    const id = await hearOne(owner);
    expect((await get(stranger, '/conversations')).json()).toMatchObject({ items: [], total: 0 });
    expect((await get(stranger, '/conversations', { search: 'Ana' })).json()).toMatchObject({ items: [], total: 0 });
    expect((await get(stranger, '/conversations-by-id', { ids: id })).json().items).toEqual([]);
  });

  it('cannot be read by the request role, also with a query that names no tenant', async () => {
    await hearOne(person());
    const app = connect({ url: fixture.database.appUrl('conversation'), name: 'test-app', max: 1 });
    const stranger = await withTenant(app, randomUUID(), (tx) => tx`select count(*)::int as n from messages`);
    expect(stranger[0]!.n).toBe(0);
    expect((await app.sql`select count(*)::int as n from conversations`)[0]!.n).toBe(0);
    await app.close();
  });
});

describe('operations', () => {
  it('reports readiness and metrics, and shows its OpenAPI with a token', async () => {
    const who = person();
    expect((await service.app.inject('/health/ready')).statusCode).toBe(200);
    expect((await service.app.inject('/metrics')).body).toContain('recado_messages_stored_total');
    const document = (await get(who, '/openapi.json')).json();
    expect(Object.keys(document.paths)).toContain('/conversations/{conversationId}/messages');
  });
});
