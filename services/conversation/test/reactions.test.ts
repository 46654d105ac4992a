import { randomUUID } from 'node:crypto';
import { type Message, permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContactMemory } from '../src/contacts/memory.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('reactions');
  service = await fixture.start();
});
afterAll(() => fixture.close());

type Given = Parameters<typeof received>[1];

/** A tenant with one channel, on which a customer writes. */
function shop() {
  const [tenantId, channelId] = [randomUUID(), randomUUID()];
  const admin = person({ tenantId, role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin') });
  const memory = createContactMemory();
  return {
    tenantId,
    say: async (...given: Given[]) => {
      const events = given.map((one) => received(tenantId, { channelId, ...one }));
      await withWorker(fixture.worker, (tx) => receiveMessages(tx, events.map(delivered), new Date(), memory));
      return events.map(({ envelope }) => envelope.data);
    },
    react: (about: string | null, given: Given = {}): Given => ({
      type: 'reaction',
      content: '👍',
      replyToProviderMessageId: about,
      ...given,
    }),
    conversations: async () => {
      const { headers } = admin;
      return (await service.app.inject({ method: 'GET', url: '/conversations', headers })).json().items;
    },
    thread: async (id: string): Promise<Message[]> => {
      const url = `/conversations/${id}/messages`;
      return (await service.app.inject({ method: 'GET', url, headers: admin.headers })).json().items;
    },
    messages: () => fixture.admin.sql`
      select m.type, m.conversation_id as "conversationId" from conversation.messages m
      where m.tenant_id = ${tenantId} order by m.sent_time, m.id`,
    close: () => fixture.admin.sql`
      update conversation.conversations set status = 'closed', closed_at = now() where tenant_id = ${tenantId}`,
    book: (name: string) =>
      service.app.inject({
        method: 'POST',
        url: '/contacts',
        headers: admin.headers,
        payload: { name, phone: '+51999888777' },
      }),
  };
}

describe('a message about another', () => {
  it('names it by our id in a thread, once it is stored', async () => {
    const { say, react, conversations, thread } = shop();
    const [first] = await say({ content: 'Hola' });
    const quoted = { providerMessageId: first!.providerMessageId, from: '5511' };
    const about = { replyToProviderMessageId: quoted.providerMessageId };
    const reaction = { providerMessageId: quoted.providerMessageId, emoji: '👍' };
    await say(
      { content: 'Sobre eso', details: { context: { quoted } }, ...about },
      react(quoted.providerMessageId, { details: { reaction } }),
      { content: 'Sobre otro', details: { context: { quoted: { providerMessageId: 'wamid.other' } } } },
    );
    const [conversation] = await conversations();
    const items = await thread(conversation.id);
    const { id: messageId } = items.find((one) => one.content === 'Hola')!;
    expect(items.map(({ details }) => details)).toEqual(
      expect.arrayContaining([
        { context: { quoted: { ...quoted, messageId } } },
        { reaction: { ...reaction, messageId } },
        { context: { quoted: { providerMessageId: 'wamid.other' } } },
      ]),
    );
  });
});

describe('a reaction', () => {
  it('after a close opens no conversation and is stored beside its message', async () => {
    const { say, react, close, conversations, messages, tenantId } = shop();
    const [first] = await say({});
    await close();
    const [before] = await conversations();
    await say(react(first!.providerMessageId));
    expect(await conversations()).toEqual([before]);
    expect(await messages()).toMatchObject([{ type: 'text' }, { type: 'reaction', conversationId: before.id }]);
    expect(await fixture.outbox(tenantId, 'conversation.created')).toHaveLength(1);
    const told = await fixture.outbox(tenantId, 'message.created');
    expect(told.at(-1)).toMatchObject({ data: { conversation: { id: before.id, status: 'closed', isNew: false } } });
  });

  it('in an open conversation is neither unread nor the last message of the list', async () => {
    const { say, react, conversations } = shop();
    const [first] = await say({ content: 'Hola' });
    const [before] = await conversations();
    await say(react(first!.providerMessageId), react(null));
    expect(await conversations()).toEqual([before]);
    expect(before).toMatchObject({ unreadCount: 1, lastMessage: { content: 'Hola' } });
  });

  it('in one batch with messages does not change their counts', async () => {
    const { say, react, conversations, messages } = shop();
    await say({ content: 'Uno' }, react(null), { content: 'Dos' });
    expect(await conversations()).toMatchObject([{ unreadCount: 2, messageCount: 2, lastMessage: { content: 'Dos' } }]);
    expect(await messages()).toHaveLength(3);
  });

  it('of a customer without any conversation is kept in a closed one', async () => {
    const { say, react, conversations, messages, tenantId } = shop();
    await say(react('wamid.elsewhere'));
    expect(await conversations()).toMatchObject([{ status: 'closed', unreadCount: 0, lastMessage: null }]);
    expect(await messages()).toHaveLength(1);
    expect(await fixture.outbox(tenantId, 'conversation.created')).toEqual([]);
  });

  it('that comes twice is stored once', async () => {
    const { say, react, messages } = shop();
    await say({});
    const twice = react(null, { providerMessageId: `wamid.${randomUUID()}` });
    await say(twice);
    await say(twice, { content: 'Otro' });
    expect((await messages()).map(({ type }) => type).sort()).toEqual(['reaction', 'text', 'text']);
  });
});

describe('the name of a customer', () => {
  const called = (name: string | null, sentTime?: string): Given => ({
    from: { name },
    ...(sentTime ? { sentTime } : {}),
  });
  const nameOf = async (one: ReturnType<typeof shop>) => (await one.conversations())[0].contact.name;

  it('is the present one of the profile, and the change is published once', async () => {
    const one = shop();
    for (let i = 0; i < 3; i++) await one.say(called('Ana'));
    await one.say(called('Ana María'));
    await one.say(called('Ana María'));
    await one.say(called(null));
    expect(await nameOf(one)).toBe('Ana María');
    expect(await fixture.outbox(one.tenantId, 'contact.updated')).toMatchObject([
      { data: { name: 'Ana María', phone: '+51999888777', changed: ['name'] } },
    ]);
    const told = await fixture.outbox(one.tenantId, 'message.created');
    expect((told[3] as unknown as { data: { contact: { name: string } } }).data.contact.name).toBe('Ana María');
  });

  it('stays as an agent entered it', async () => {
    const one = shop();
    await one.say(called('Ana'));
    expect((await one.book('Sra. Ruiz')).statusCode).toBe(201);
    for (const name of ['Ana', 'Ana María']) await one.say(called(name));
    expect(await nameOf(one)).toBe('Sra. Ruiz');
  });

  it('is the same for any order of messages', async () => {
    const at = (second: number) => `2026-01-15T10:00:0${second}.000Z`;
    const said = [called('Uno', at(1)), called('Dos', at(2)), called('Tres', at(3))];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
    ]) {
      const one = shop();
      for (const i of order) await one.say(said[i]!);
      expect(await nameOf(one)).toBe('Tres');
      const batch = shop();
      await batch.say(...order.map((i) => said[i]!));
      expect(await nameOf(batch)).toBe('Tres');
    }
  });
});
