import { randomUUID } from 'node:crypto';
import {
  buildEvent,
  type Conversation,
  contactReported,
  type EventData,
  groupReported,
  type Message,
  messageSynced,
  permissionsOf,
} from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyGroupReports } from '../src/contacts/groups.ts';
import { applyReports } from '../src/contacts/report.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import { storeSynced } from '../src/inbound/sync.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('people');
  service = await fixture.start();
});
afterAll(() => fixture.close());

type Given = Parameters<typeof received>[1];
type Synced = EventData<typeof messageSynced>;
const OLD = { waId: '16505551234', phone: '+16505551234' };
const NEW = { waId: '12195555358', phone: '+12195555358' };
const at = (second: number) => new Date(Date.now() - 60_000 + second * 1000).toISOString();

/** A tenant with one channel. */
function shop() {
  const [tenantId, channelId] = [randomUUID(), randomUUID()];
  const { headers } = person({
    tenantId,
    role: 'admin',
    userId: randomUUID(),
    permissions: permissionsOf('admin'),
  });
  const get = async (url: string) => (await service.app.inject({ method: 'GET', url, headers })).json();
  return {
    tenantId,
    channelId,
    get,
    post: async (url: string, payload: object) =>
      (await service.app.inject({ method: 'POST', url, headers, payload })).json(),
    say: (...given: Given[]) =>
      withWorker(fixture.worker, (tx) =>
        receiveMessages(
          tx,
          given.map((one) => delivered(received(tenantId, { channelId, ...one }))),
          new Date(),
        ),
      ),
    sync: (...given: Partial<Synced>[]) =>
      withWorker(fixture.worker, (tx) =>
        storeSynced(
          tx,
          given.map((one) => {
            const { from, ...data } = received(tenantId, { channelId, ...(one as Given) }).envelope.data;
            const rest = {
              direction: 'outbound' as const,
              peer: from,
              status: 'sent' as const,
              origin: 'phone' as const,
            };
            return delivered(buildEvent(messageSynced, { tenantId, data: { ...data, ...rest, ...one } }));
          }),
          new Date(),
        ),
      ),
    report: (...given: Partial<EventData<typeof contactReported>>[]) =>
      withWorker(fixture.worker, (tx) =>
        applyReports(
          tx,
          given.map((one) => {
            const contact = { waId: '51999888777', phone: '+51999888777', userId: null, name: null };
            const data = { channelId, provider: 'meta' as const, contact, at: at(0), ...one };
            return delivered(buildEvent(contactReported, { tenantId, data }));
          }),
          new Date(),
        ),
      ),
    reportGroup: (...given: Partial<EventData<typeof groupReported>>[]) =>
      withWorker(fixture.worker, (tx) =>
        applyGroupReports(
          tx,
          given.map((one) => {
            const data = {
              channelId,
              provider: 'evolution' as const,
              groupId: 'g@g.us',
              asked: false,
              at: at(0),
              ...one,
            };
            return delivered(buildEvent(groupReported, { tenantId, data }));
          }),
          new Date(),
        ),
      ),
    notice: (system: object, given: Given = {}): Given => ({
      type: 'system',
      content: '',
      details: { system },
      ...given,
    }),
    chats: async (): Promise<Conversation[]> => (await get('/conversations')).items,
    thread: async (id: string): Promise<Message[]> => (await get(`/conversations/${id}/messages`)).items,
    rows: (table: string) => fixture.admin.sql`
      select * from ${fixture.admin.sql(`conversation.${table}`)} where tenant_id = ${tenantId}`,
  };
}
const moved = { kind: 'user_changed_number', waId: NEW.waId, previousWaId: OLD.waId };

describe('a notice of the provider', () => {
  it('opens no chat and no window, and is not unread', async () => {
    const { say, notice, chats, thread, tenantId } = shop();
    await say(notice({ kind: 'request_welcome' }));
    const [closed] = await chats();
    expect(closed).toMatchObject({ status: 'closed', unreadCount: 0, lastInboundAt: null, lastMessage: null });
    expect(await thread(closed!.id)).toMatchObject([
      { type: 'system', details: { system: { kind: 'request_welcome' } } },
    ]);
    expect(await fixture.outbox(tenantId, 'conversation.created')).toHaveLength(0);
    await say({ content: 'Hola', sentTime: at(1) }, notice({ kind: 'request_welcome' }, { sentTime: at(5) }));
    const open = (await chats()).find(({ status }) => status === 'new')!;
    expect(open).toMatchObject({ unreadCount: 1, messageCount: 1, lastMessage: { content: 'Hola' } });
    expect(open.lastInboundAt).toBe(open.lastMessageAt);
    expect(await thread(open.id)).toHaveLength(2);
  });
});

describe('a changed number', () => {
  it('is the same person in the same chat, and answers go to the new one', async () => {
    const { say, notice, chats, thread, rows } = shop();
    await say({ from: OLD, sentTime: at(1) });
    await say(notice(moved, { from: OLD, sentTime: at(2) }));
    await say({ from: NEW, content: 'Soy yo', sentTime: at(3) });
    const all = await chats();
    expect(all).toMatchObject([{ contact: { phone: NEW.phone } }]);
    expect((await thread(all[0]!.id)).map(({ type }) => type)).toEqual(['text', 'system', 'text']);
    expect(await rows('conversations')).toMatchObject([{ peer_wa_id: NEW.waId, peer_phone: NEW.phone }]);
    expect((await rows('former_identities')).map((one) => one.value)).toContain(OLD.waId);
  });

  it('leaves the old one to its next owner, and late messages to the person', async () => {
    const { say, notice, chats } = shop();
    await say({ from: OLD, sentTime: at(1) });
    await say(notice(moved, { from: OLD, sentTime: at(3) }));
    await say({ from: OLD, sentTime: at(2), content: 'tarde' });
    expect(await chats()).toMatchObject([{ lastMessage: { content: 'tarde' } }]);
    await say({ from: { ...OLD, name: 'Otra' }, sentTime: at(5) });
    expect((await chats()).map(({ contact }) => contact.phone).sort()).toEqual([NEW.phone, OLD.phone]);
  });

  it('that wrote before its notice becomes the same person', async () => {
    const { say, notice, chats, rows } = shop();
    await say({ from: OLD, sentTime: at(1) });
    await say({ from: NEW, sentTime: at(3) });
    await say(notice(moved, { from: NEW, sentTime: at(2) }));
    expect(await rows('contacts')).toMatchObject([{ phone: NEW.phone }]);
    const all = await chats();
    expect(all.map(({ status }) => status).sort()).toEqual(['closed', 'new']);
    await say({ from: NEW, content: 'otra', sentTime: at(4) });
    expect((await chats()).find(({ status }) => status === 'new')).toMatchObject({ lastMessage: { content: 'otra' } });
  });

  it('proves nothing about another contact, and removes no contact from the address book', async () => {
    const { say, notice, post, rows } = shop();
    await say({ from: { waId: '51999888777', phone: '+51999888777' } });
    await say(notice(moved, { from: { waId: '51999888777', phone: '+51999888777' } }));
    expect(await rows('contacts')).toMatchObject([{ phone: '+51999888777' }]);
    await post('/contacts', { name: 'Escrita', phone: NEW.phone });
    await say({ from: OLD }, notice(moved, { from: OLD }));
    expect((await rows('contacts')).map(({ phone }) => phone)).toContain(NEW.phone);
    expect(await rows('contacts')).toHaveLength(3);
  });

  it('of a business-scoped id is the same person', async () => {
    const { say, notice, chats } = shop();
    const hidden = (userId: string) => ({ waId: null, phone: null, userId });
    await say({ from: hidden('US.1'), sentTime: at(1) });
    const system = { kind: 'user_changed_user_id', userId: 'US.2', previousUserId: 'US.1' };
    await say(notice(system, { from: hidden('US.2'), sentTime: at(2) }));
    await say({ from: hidden('US.2'), sentTime: at(3) });
    expect(await chats()).toHaveLength(1);
  });
});

it('the parent id of a person names them in each portfolio of the business', async () => {
  const { say, chats } = shop();
  const from = (userId: string) => ({ waId: null, phone: null, userId, parentUserId: 'US.ENT.1', username: '@ana' });
  await say({ from: from('US.1') });
  await say({ from: from('US.2') });
  expect(await chats()).toMatchObject([{ contact: { username: '@ana', phone: null } }]);
});

describe('a group', () => {
  const group = { id: '120363041@g.us', name: 'Vecinos' };
  it('is a chat of its own, with who spoke, and answers go to all of it', async () => {
    const { say, chats, thread, get, post, rows, tenantId } = shop();
    await say({ content: 'privado', sentTime: at(1) });
    await say({ content: 'a todos', details: { group }, sentTime: at(2) });
    await say({
      content: 'yo',
      details: { group },
      from: { waId: null, phone: null, userId: '9@lid', name: 'Luis' },
      sentTime: at(3),
    });
    const [first, other] = await chats();
    expect(first).toMatchObject({ contact: { name: 'Vecinos', phone: null, isGroup: true }, messageCount: 2 });
    expect(other).toMatchObject({ contact: { name: 'Ana', isGroup: false }, messageCount: 1 });
    expect((await thread(first!.id)).map(({ details }) => details?.group?.from?.name)).toEqual(['Ana', 'Luis']);
    expect((await get(`/conversations/${first!.id}`)).participants).toMatchObject([
      { name: 'Luis', address: '9@lid' },
      { name: 'Ana', phone: '+51999888777' },
    ]);
    const quote = (await thread(first!.id))[1]!.id;
    const sent = await post(`/conversations/${first!.id}/messages`, {
      content: { kind: 'text', body: 'Para todos', replyTo: quote },
    });
    const [requested] = (await fixture.outbox(tenantId, 'message.requested')) as unknown as { data: object }[];
    expect(requested!.data).toMatchObject({
      messageId: sent.message.id,
      to: { waId: null, phone: null, userId: null, group: group.id },
      about: { from: { userId: '9@lid' } },
    });
    const buttons = { kind: 'buttons', body: 'Sí o no', buttons: [{ id: 'y', title: 'Sí' }] };
    const refused = await post(`/conversations/${first!.id}/messages`, { content: buttons });
    expect(refused.error.details).toMatchObject([{ field: 'content.kind', code: 'group_kind' }]);
    const login = { content: { kind: 'template', name: 'code', language: 'es', params: { 1: '123456' } } };
    const unsent = await post(`/conversations/${first!.id}/messages`, login);
    expect(unsent.error.details).toContainEqual(
      expect.objectContaining({ field: 'content.name', code: 'group_template' }),
    );
    expect(await fixture.outbox(tenantId, 'message.requested')).toHaveLength(1);
    const own = (await rows('conversations')).find(({ id }) => id === first!.id);
    expect(own).toMatchObject({ peer_wa_id: null, peer_phone: null, peer_user_id: group.id });
    expect((await get('/contacts')).items.map(({ name }: { name: string }) => name)).toEqual(['Ana']);
  });
});

describe('what a provider tells of a group', () => {
  const group = { id: 'g@g.us' };
  const member = (digits: string, more: object = {}) => ({
    ...{ waId: digits, phone: `+${digits}`, userId: null, name: null },
    ...more,
  });
  const [ana, luis, eva] = [member('51999888777'), member('51999000222', { name: 'Luis' }), member('51999000333')];

  it('names it and says who takes part, by the latest word in any order', async () => {
    const news = [
      { asked: true, name: 'Vecinos', members: [ana, { ...luis, isAdmin: true }], at: at(10) },
      { joined: [eva], at: at(20) },
      { left: [luis], at: at(30) },
      { name: 'Vecinos del 5', at: at(40) },
      { joined: [luis], at: at(25) },
    ];
    for (const order of [news, news.toReversed()]) {
      const { say, reportGroup, chats, get, rows, tenantId } = shop();
      await say({ content: 'hola', details: { group }, sentTime: at(5) });
      for (const one of order) await reportGroup(one);
      const [chat] = await chats();
      expect(chat).toMatchObject({ contact: { name: 'Vecinos del 5', isGroup: true } });
      expect((await get(`/conversations/${chat!.id}`)).participants).toMatchObject([
        { phone: ana.phone, name: 'Ana', lastMessageAt: expect.any(String) },
        { phone: eva.phone, lastMessageAt: null },
      ]);
      // Those who only take part are no contacts.
      expect(await rows('contacts')).toHaveLength(1);
      expect((await fixture.outbox(tenantId, 'contact.created')).length).toBe(1);
    }
  });

  it('takes all who are not in a whole list out, and back when they write again', async () => {
    const { say, reportGroup, chats, get } = shop();
    await reportGroup({ asked: true, name: 'Vecinos', members: [ana, luis], at: at(10) });
    await say({ content: 'hola', details: { group }, sentTime: at(11) });
    await reportGroup({ asked: true, name: 'Vecinos', members: [luis], at: at(20) });
    const [chat] = await chats();
    expect(chat!.contact.name).toBe('Vecinos');
    const names = async () =>
      (await get(`/conversations/${chat!.id}`)).participants.map(({ phone }: { phone: string }) => phone);
    expect(await names()).toEqual([luis.phone]);
    await say({ content: 'ya volví', details: { group }, sentTime: at(21) });
    expect(await names()).toEqual([ana.phone, luis.phone]);
  });

  it('makes no group that never wrote, when it was not asked for', async () => {
    const { reportGroup, rows } = shop();
    await reportGroup({ name: 'Nunca', joined: [eva], at: at(1) });
    expect(await rows('contacts')).toHaveLength(0);
    expect(await rows('group_members')).toHaveLength(0);
  });
});

describe('a message typed on the phone', () => {
  it('is an answer by a person, and the chat is theirs', async () => {
    const { say, sync, chats, thread, tenantId } = shop();
    await say({ content: '¿Precio?', sentTime: at(1) });
    await sync({ content: 'Diez', sentTime: at(2) });
    const all = await chats();
    expect(all).toMatchObject([
      { status: 'active', unreadCount: 0, lastMessage: { content: 'Diez', direction: 'outbound' } },
    ]);
    expect((await thread(all[0]!.id)).at(-1)).toMatchObject({ author: 'user', userId: null, status: 'sent' });
    expect(await fixture.outbox(tenantId, 'message.created')).toHaveLength(2);
  });

  it('opens a chat, is stored once, and may be edited on the phone alone', async () => {
    const { sync, chats, thread } = shop();
    const first = { providerMessageId: 'wamid.own', content: 'Hola, ¿sigue en pie?' };
    await sync(first);
    expect(await sync(first)).toBe(0);
    await sync({ content: 'Hola', details: { change: { kind: 'edited', providerMessageId: 'wamid.own' } } });
    const all = await chats();
    expect(all).toMatchObject([{ status: 'active', messageCount: 1 }]);
    expect(await thread(all[0]!.id)).toMatchObject([{ content: 'Hola', details: { changed: { kind: 'edited' } } }]);
  });

  it.each([
    [
      'choices as numbered lines',
      { content: { kind: 'buttons', body: 'How many?', buttons: [{ id: 'a', title: 'Diez' }] } },
      { type: 'text' as const, content: 'How many?\n\n1. Diez' },
    ],
    [
      'a card as text',
      { content: { kind: 'contacts', contacts: [{ name: 'Ana Souza', emails: [{ email: 'ana@example.com' }] }] } },
      { type: 'text' as const, content: '*Ana Souza*\nana@example.com' },
    ],
    [
      'a place by its name',
      { content: { kind: 'location', latitude: 1, longitude: 2, name: 'Loja' } },
      { type: 'location' as const, content: 'Loja' },
    ],
  ])('that is the echo of a send of ours settles it: %s', async (_name, sent, echo) => {
    const { say, sync, chats, thread, post, tenantId } = shop();
    await fixture.know(tenantId);
    await say({});
    const [chat] = await chats();
    await post(`/conversations/${chat!.id}/messages`, sent);
    await sync({ ...echo, providerMessageId: '3EB0C' });
    const own = (await thread(chat!.id)).filter(({ direction }) => direction === 'outbound');
    expect(own.map(({ status, providerMessageId }) => [status, providerMessageId])).toEqual([['sent', '3EB0C']]);
  });

  it('that is the echo of a send of ours settles that send', async () => {
    const { say, sync, chats, thread, post, tenantId } = shop();
    await fixture.know(tenantId);
    await say({});
    const [chat] = await chats();
    const sent = { type: 'text', text: 'Diez' };
    await post(`/conversations/${chat!.id}/messages`, sent);
    await post(`/conversations/${chat!.id}/messages`, sent);
    await sync({ content: 'Diez', providerMessageId: '3EB0A' }, { content: 'Diez', providerMessageId: '3EB0B' });
    const own = (await thread(chat!.id)).filter(({ direction }) => direction === 'outbound');
    expect(own.map(({ status, providerMessageId }) => [status, providerMessageId])).toEqual([
      ['sent', '3EB0A'],
      ['sent', '3EB0B'],
    ]);
  });
});

it('history of before the connection fills threads, opens no chat and is no news', async () => {
  const { sync, say, chats, thread, tenantId } = shop();
  const history = { origin: 'history' as const };
  await sync(
    { ...history, direction: 'inbound', content: 'uno', sentTime: at(1), status: null },
    { ...history, content: 'dos', sentTime: at(2), status: 'read' },
  );
  const [closed] = await chats();
  expect(closed).toMatchObject({ status: 'closed', unreadCount: 0, messageCount: 2, lastMessage: { content: 'dos' } });
  expect((await thread(closed!.id)).map(({ content, status }) => [content, status])).toEqual([
    ['uno', 'delivered'],
    ['dos', 'read'],
  ]);
  expect(await fixture.outbox(tenantId, 'message.created')).toHaveLength(0);
  await say({ content: 'hoy', sentTime: at(9) });
  await sync({ ...history, direction: 'inbound', content: 'ayer', sentTime: at(3), status: null });
  expect((await chats())[0]).toMatchObject({ messageCount: 2, unreadCount: 1, lastMessage: { content: 'hoy' } });
});

it('the latest word on marketing counts, in any order, and the phone names people', async () => {
  const { report, say, chats, tenantId } = shop();
  await report({ contact: { waId: '51999888777', phone: '+51999888777', userId: null, name: 'Agenda' } });
  await say({ from: { name: null } });
  await report({ marketing: 'resume', at: at(5) }, { marketing: 'stop', at: at(2) });
  await report({ marketing: 'stop', at: at(3) });
  expect(await chats()).toMatchObject([{ contact: { name: 'Agenda', marketingStoppedAt: null } }]);
  await report({ marketing: 'stop', at: at(7) });
  expect(await chats()).toMatchObject([{ contact: { marketingStoppedAt: expect.any(String) } }]);
  expect(await fixture.outbox(tenantId, 'contact.updated')).toHaveLength(2);
});
