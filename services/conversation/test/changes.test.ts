import { randomUUID } from 'node:crypto';
import { type Message, permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('changes');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const TARGET = 'wamid.target';
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
type Event = ReturnType<typeof received>;

/** A tenant with one channel, its customer's message and what becomes of it. */
function shop() {
  const [tenantId, channelId] = [randomUUID(), randomUUID()];
  const role = (name: 'admin' | 'agent') =>
    person({ tenantId, role: name, userId: randomUUID(), permissions: permissionsOf(name) }).headers;
  const get = async (url: string, headers = role('admin')) =>
    (await service.app.inject({ method: 'GET', url, headers })).json();
  const change = (kind: 'edited' | 'deleted', content: string, second: number, more = {}, from = {}) =>
    received(tenantId, {
      channelId,
      type: kind === 'edited' ? 'text' : 'system',
      content,
      details: { change: { kind, providerMessageId: TARGET }, ...more },
      from,
      sentTime: at(second),
    });
  return {
    tenantId,
    role,
    get,
    store: (...events: Event[]) =>
      withWorker(fixture.worker, (tx) => receiveMessages(tx, events.map(delivered), new Date())),
    message: (given: Parameters<typeof received>[1] = {}) =>
      received(tenantId, { channelId, providerMessageId: TARGET, content: 'A las cinco', sentTime: at(1), ...given }),
    edit: (content: string, second: number, more = {}, from = {}) => change('edited', content, second, more, from),
    deletion: (second: number, more = {}, from = {}) => change('deleted', '', second, more, from),
    conversation: async () => (await get('/conversations')).items[0],
    thread: async (): Promise<Message[]> => {
      const [{ id }] = (await get('/conversations')).items;
      return (await get(`/conversations/${id}/messages`)).items;
    },
  };
}

function orders<T>(list: readonly T[]): T[][] {
  return list.length < 2
    ? [[...list]]
    : list.flatMap((one, i) => orders(list.toSpliced(i, 1)).map((rest) => [one, ...rest]));
}

describe('an edit', () => {
  it('changes the message, its preview and nothing that counts', async () => {
    const { store, message, edit, conversation, thread, tenantId } = shop();
    await store(message());
    expect(await store(edit('A las seis', 3))).toBe(1);
    expect(await thread()).toMatchObject([
      { type: 'text', content: 'A las seis', details: { changed: { kind: 'edited', at: at(3) } } },
    ]);
    expect(await conversation()).toMatchObject({
      unreadCount: 1,
      messageCount: 1,
      lastInboundAt: at(1),
      lastMessage: { content: 'A las seis' },
    });
    expect(await fixture.outbox(tenantId, 'message.created')).toHaveLength(1);
    expect(await fixture.outbox(tenantId, 'message.updated')).toMatchObject([
      { data: { status: 'delivered', change: { content: 'A las seis', details: { changed: { kind: 'edited' } } } } },
    ]);
    expect(await fixture.outbox(tenantId, 'conversation.updated')).toMatchObject([
      { data: { changed: ['lastMessage'], conversation: { lastMessage: { content: 'A las seis' } } } },
    ]);
  });

  it('that only phones can read leaves the words, and is shown', async () => {
    const { store, message, edit, thread, tenantId } = shop();
    const change = { kind: 'edited' as const, providerMessageId: TARGET, unreadable: true };
    await store(message());
    await store(edit('', 3, { change }));
    const details = { changed: { kind: 'edited', at: at(3), unreadable: true } };
    expect(await thread()).toMatchObject([{ type: 'text', content: 'A las cinco', details }]);
    expect(await fixture.outbox(tenantId, 'message.updated')).toMatchObject([{ data: { change: { details } } }]);
  });

  it('of a caption leaves the file, the quote and the ad', async () => {
    const { store, message, edit, thread } = shop();
    const media = { id: '1', type: 'image/jpeg' };
    const context = { quoted: { providerMessageId: 'wamid.other' } };
    await store(message({ type: 'image', details: { media, context } }), edit('Otro pie', 3));
    expect(await thread()).toMatchObject([{ type: 'image', content: 'Otro pie', details: { media, context } }]);
  });

  it('shows the former words to those who may see them alone', async () => {
    const { store, message, edit, deletion, get, role, thread } = shop();
    await store(message(), edit('A las seis', 3), deletion(5));
    const [{ id }] = (await thread()) as [Message];
    const url = `/messages/${id}`;
    expect((await get(url)).former).toMatchObject([{ content: 'A las cinco' }, { content: 'A las seis' }]);
    const seen = await get(url, role('agent'));
    expect(seen.message.content).toBe('');
    expect(JSON.stringify(seen)).not.toContain('A las');
  });

  it('of a message of ours by a customer changes nothing', async () => {
    const { store, message, edit, conversation, get, tenantId } = shop();
    await store(message({ providerMessageId: 'wamid.first', sentTime: new Date().toISOString() }));
    const { id } = await conversation();
    await fixture.know(tenantId);
    await service.app.inject({
      method: 'POST',
      url: `/conversations/${id}/messages`,
      headers: shopAdmin(tenantId),
      payload: { type: 'text', text: 'Precio: 10' },
    });
    await fixture.admin.sql`
      update conversation.messages set provider_message_id = ${TARGET}
      where tenant_id = ${tenantId} and direction = 'outbound'`;
    await store(edit('Precio: 1', 3));
    const { items } = await get(`/conversations/${id}/messages`);
    expect(items.map((one: Message) => one.content)).toEqual(['A las cinco', 'Precio: 10']);
  });
});

const shopAdmin = (tenantId: string) =>
  person({ tenantId, role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin') }).headers;

const STRANGER = { waId: '51900000001', phone: '+51900000001' };
const LID = { waId: null, phone: null, userId: '123456789012345@lid' };
const GROUP = { group: { id: '120363000000000001@g.us' } };

describe('a change of another chat', () => {
  it.each<[string, object, object, object]>([
    ['a stranger', {}, {}, STRANGER],
    ['a stranger with a hidden address', {}, {}, LID],
    ['a group, by the writer', {}, GROUP, {}],
    ['another person of the group', GROUP, GROUP, STRANGER],
    ['a chat that no event names', {}, {}, { waId: null, phone: null }],
  ])('by %s leaves the message, before it and after it', async (_name, place, more, from) => {
    for (const isFirst of [false, true]) {
      const { store, message, edit, deletion, thread, tenantId } = shop();
      const own = message({ details: place });
      const forged = [edit('Deposite en la otra cuenta', 3, more, from), deletion(4, more, from)];
      for (const event of isFirst ? [...forged, own] : [own, ...forged]) await store(event);
      const [shown] = await thread();
      expect(shown).toMatchObject({ content: 'A las cinco' });
      expect(shown!.details?.changed).toBeUndefined();
      const kept = await fixture.admin.sql`
        select kind from conversation.message_versions where tenant_id = ${tenantId} and kind <> 'original'`;
      expect(kept).toHaveLength(0);
    }
  });

  it.each([
    ['counts in a private chat, whose two sides alone know the id', {}, 'A las seis'],
    ['does not count in a group, where everyone knows it', GROUP, 'A las cinco'],
  ])('that names no maker %s', async (_what, place, content) => {
    const { store, message, edit, thread } = shop();
    const untold = { change: { kind: 'edited', providerMessageId: TARGET, untold: 'customer' } };
    await store(message({ details: place }), edit('A las seis', 3, untold, { waId: null, phone: null }));
    expect(await thread()).toMatchObject([{ content }]);
  });

  it('does not keep the writer from changing it', async () => {
    const { store, message, edit, deletion, thread } = shop();
    await store(message({ from: { userId: LID.userId } }), deletion(2, {}, STRANGER), edit('A las seis', 3, {}, LID));
    expect(await thread()).toMatchObject([{ content: 'A las seis', details: { changed: { kind: 'edited' } } }]);
  });

  it('is what people of a group do to the messages of others alone', async () => {
    const { store, message, edit, thread } = shop();
    await store(message({ details: GROUP }), edit('A las seis', 3, GROUP));
    expect(await thread()).toMatchObject([{ content: 'A las seis' }]);
  });
});

describe('any order of arrival', () => {
  it.each([
    [
      'the latest edit stands',
      (s: ReturnType<typeof shop>) => [s.message(), s.edit('dos', 3), s.edit('tres', 4)],
      'tres',
    ],
    ['a deletion stands', (s: ReturnType<typeof shop>) => [s.message(), s.edit('dos', 5), s.deletion(3)], ''],
  ])('%s', async (_name, make, content) => {
    for (const events of orders([0, 1, 2])) {
      const own = shop();
      const made = make(own);
      for (const i of events) await own.store(made[i]!);
      expect(await own.thread()).toMatchObject([{ content, details: { changed: {} } }]);
    }
  });

  it('an edit and its message meet, also when two copies store them at once', async () => {
    for (let i = 0; i < 10; i++) {
      const { store, message, edit, thread } = shop();
      await Promise.all([store(message()), store(edit('A las seis', 3))]);
      expect(await thread()).toMatchObject([{ content: 'A las seis' }]);
    }
  });

  it('a repeat changes nothing and is told once', async () => {
    const { store, message, edit, thread, tenantId } = shop();
    const once = edit('A las seis', 3);
    await store(message(), once);
    expect(await store(once)).toBe(0);
    expect(await thread()).toMatchObject([{ content: 'A las seis' }]);
    expect(await fixture.outbox(tenantId, 'message.updated')).toHaveLength(1);
  });
});

it('a deleted message is no longer what its conversation shows', async () => {
  const { store, message, deletion, conversation } = shop();
  await store(message(), deletion(2));
  expect((await conversation()).lastMessage).toMatchObject({ content: '', isDeleted: true });
});

it('a message shows the reactions that it has by now', async () => {
  const { store, message, thread, tenantId } = shop();
  const react = (content: string, second: number) => {
    const { channelId } = first.envelope.data;
    const sentTime = at(second);
    return received(tenantId, { channelId, type: 'reaction', content, replyToProviderMessageId: TARGET, sentTime });
  };
  const first = message();
  await store(react('👍', 2), first, react('❤️', 3));
  const shown = async () => (await thread()).find((one) => one.providerMessageId === TARGET)!.details?.reactions;
  expect(await shown()).toEqual([{ emoji: '❤️', by: 'contact', at: at(3) }]);
  await store(react('', 4));
  expect(await shown()).toBeUndefined();
});
