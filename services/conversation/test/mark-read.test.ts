import { randomUUID } from 'node:crypto';
import type { conversationUpdated, EventData, messageRead } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('mark_read');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const ask = (who: Person, method: 'GET' | 'POST', url: string, payload?: object) =>
  service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
const read = (who: Person, ...messageIds: string[]) => ask(who, 'POST', '/messages-read', { messageIds });

interface Chat {
  id: string;
  channelId: string;
  /** In their order of time. */
  messages: string[];
}

/** A conversation with this many messages of a customer, all unread. */
async function chat(who: Person, count: number): Promise<Chat> {
  const channelId = randomUUID();
  const from = { waId: `519${Math.random().toString().slice(2, 10)}`, phone: null };
  const events = Array.from({ length: count }, (_, i) =>
    received(who.tenantId, { channelId, from, sentTime: new Date(Date.now() - (count - i) * 60_000).toISOString() }),
  );
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, events.map(delivered), new Date()));
  const messages = events.map(({ envelope }) => envelope.id);
  const [row] = await fixture.admin.sql`select conversation_id from conversation.messages where id = ${messages[0]!}`;
  return { id: row!.conversation_id as string, channelId, messages };
}

const unread = async (who: Person, { id }: Chat) => (await ask(who, 'GET', `/conversations/${id}`)).json().unreadCount;
const told = async (who: Person) =>
  ((await fixture.outbox(who.tenantId, 'message.was-read')) as { data: EventData<typeof messageRead> }[]).map(
    ({ data }) => data,
  );
const updates = async (who: Person) =>
  (
    (await fixture.outbox(who.tenantId, 'conversation.updated')) as { data: EventData<typeof conversationUpdated> }[]
  ).map(({ data }) => [data.conversation.id, data.conversation.unreadCount, data.changed]);

describe('reading a message', () => {
  it('reads those before it, leaves the later ones, and tells both the screens and the channel', async () => {
    const who = person();
    const thread = await chat(who, 4);
    const answer = await read(who, thread.messages[2]!);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().conversations).toEqual([{ conversationId: thread.id, unreadCount: 1 }]);
    const { items } = (await ask(who, 'GET', `/conversations/${thread.id}/messages`)).json();
    expect(items.map(({ readAt }: { readAt: string | null }) => readAt !== null)).toEqual([true, true, true, false]);
    expect(items[0]).toMatchObject({ status: 'delivered', sentAt: null, deliveredAt: null });
    expect(await updates(who)).toEqual([[thread.id, 1, ['unreadCount']]]);
    expect(await told(who)).toMatchObject([
      { messageId: thread.messages[2], channelId: thread.channelId, userId: who.caller.userId, to: { phone: null } },
    ]);
    const providerIds = items.map((item: { providerMessageId: string }) => item.providerMessageId);
    expect((await told(who))[0]).toMatchObject({
      providerMessageId: providerIds[2],
      earlier: [providerIds[1], providerIds[0]],
    });
  });

  it('again, or an earlier one, changes nothing and tells nothing', async () => {
    const who = person();
    const thread = await chat(who, 3);
    const first = await read(who, thread.messages[2]!);
    for (const id of [thread.messages[2]!, thread.messages[0]!]) {
      const again = await read(who, id);
      expect(again.json().items[0].readAt).toBe(first.json().items[0].readAt);
    }
    expect(await unread(who, thread)).toBe(0);
    expect([await told(who), await updates(who)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('of several conversations tells the last message of each', async () => {
    const who = person();
    const [one, two] = [await chat(who, 2), await chat(who, 2)];
    await read(who, one.messages[1]!, two.messages[0]!, one.messages[0]!);
    expect([await unread(who, one), await unread(who, two)]).toEqual([0, 1]);
    expect((await told(who)).map(({ messageId }) => messageId).sort()).toEqual(
      [one.messages[1], two.messages[0]].sort(),
    );
  });

  it('is done by the answer of a person, once', async () => {
    const who = person();
    const thread = await chat(who, 3);
    const answer = () => ask(who, 'POST', `/conversations/${thread.id}/messages`, { type: 'text', text: 'Hola' });
    await answer();
    expect(await unread(who, thread)).toBe(0);
    const [first] = await told(who);
    expect(first).toMatchObject({ messageId: thread.messages[2], byReply: true });
    expect(first!.earlier).toHaveLength(2);
    await answer();
    await read(who, thread.messages[2]!);
    expect(await told(who)).toHaveLength(1);
    const { items } = (await ask(who, 'GET', `/conversations/${thread.id}/messages`)).json();
    expect(items.slice(0, 3).every(({ readAt }: { readAt: string | null }) => readAt !== null)).toBe(true);
  });

  it('that we sent leaves it as it is', async () => {
    const who = person();
    const thread = await chat(who, 1);
    const sent = await ask(who, 'POST', `/conversations/${thread.id}/messages`, { type: 'text', text: 'Hola' });
    const { id } = sent.json().message;
    expect((await read(who, id)).json().items).toEqual([{ messageId: id, conversationId: thread.id, readAt: null }]);
    // The send itself has read the customer's.
    expect((await told(who)).map(({ byReply }) => byReply)).toEqual([true]);
  });

  it('by twenty at the same moment is told once', async () => {
    const who = person();
    const thread = await chat(who, 2);
    await Promise.all(Array.from({ length: 20 }, () => read(who, thread.messages[1]!)));
    expect([await told(who), await updates(who)].map(({ length }) => length)).toEqual([1, 1]);
  });
});

describe('the sign that an agent is typing', () => {
  it('goes by the customer’s last message, which is read with it', async () => {
    const who = person();
    const thread = await chat(who, 3);
    const show = (by: Person) => ask(by, 'POST', `/conversations/${thread.id}/typing`);
    expect((await show(who)).json()).toEqual({ shown: true });
    expect(fixture.typing).toEqual([(await told(who))[0]!.providerMessageId]);
    expect(await unread(who, thread)).toBe(0);
    expect((await show(person())).statusCode).toBe(404);
    await fixture.admin.sql`update conversation.conversations set status = 'closed' where id = ${thread.id}`;
    expect((await show(who)).json()).toEqual({ shown: false });
  });
});

describe('a message that may not be read', () => {
  it('of another company is 404 like an unknown one, and none of the call is read', async () => {
    const [who, other] = [person(), person()];
    const [mine, theirs] = [await chat(who, 1), await chat(other, 1)];
    const within = await ask(who, 'POST', '/messages-read', {
      messageIds: mine.messages,
      conversationId: randomUUID(),
    });
    expect(within.statusCode).toBe(404);
    for (const id of [theirs.messages[0]!, randomUUID()]) {
      const answer = await read(who, mine.messages[0]!, id);
      expect([answer.statusCode, answer.json().error.entity]).toEqual([404, 'message']);
    }
    expect([await unread(who, mine), await unread(other, theirs)]).toEqual([1, 1]);
  });

  it('is 403 without the permission', async () => {
    const who = person({ permissions: ['chats.read', 'messages.read'] });
    expect((await read(who, randomUUID())).statusCode).toBe(403);
  });
});
