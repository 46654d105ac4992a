import { randomUUID } from 'node:crypto';
import { withWorker } from '@recado/database';
import { eventually, META_MESSAGES } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import { createFixture, delivered, type Fixture, received } from './setup.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture('received');
});
afterAll(() => fixture.close());

const store = (...events: ReturnType<typeof received>[]) =>
  withWorker(fixture.worker, (tx) => receiveMessages(tx, events.map(delivered), new Date()));

const rows = async (table: 'contacts' | 'conversations' | 'messages' | 'contact_identities', tenantId: string) =>
  fixture.admin.sql`select * from ${fixture.admin.sql(`conversation.${table}`)} where tenant_id = ${tenantId}`;

describe('a received message', () => {
  it('is stored with its contact and its conversation, and published', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const event = received(tenantId, {
      channelId,
      content: 'Buenas',
      metadata: { quoted: { id: 'x' } },
      sentTime: '2026-03-01T10:00:00.000Z',
    });
    await store(event);
    const [contact] = await rows('contacts', tenantId);
    expect(contact).toMatchObject({ name: 'Ana', phone: '+51999888777' });
    const [conversation] = await rows('conversations', tenantId);
    expect(conversation).toMatchObject({
      contact_id: contact!.id,
      channel_id: channelId,
      status: 'new',
      unread_count: 1,
      message_count: 1,
      last_message_content: 'Buenas',
      last_inbound_at: new Date('2026-03-01T10:00:00Z'),
    });
    const [message] = await rows('messages', tenantId);
    expect(message).toMatchObject({
      id: event.envelope.id,
      conversation_id: conversation!.id,
      content: 'Buenas',
      metadata: { quoted: { id: 'x' } },
      status: 'delivered',
    });
    expect(await fixture.outbox(tenantId, 'contact.created')).toHaveLength(1);
    expect(await fixture.outbox(tenantId, 'conversation.created')).toHaveLength(1);
    const [created] = await fixture.outbox(tenantId, 'message.created');
    expect(created).toMatchObject({
      data: {
        message: { id: event.envelope.id, author: 'contact', metadata: { quoted: { id: 'x' } } },
        conversation: { id: conversation!.id, isNew: true },
        contact: { name: 'Ana' },
      },
    });
  });

  it('keeps the details of every kind, in its row and in its event', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const kinds = META_MESSAGES.filter(({ details }) => !details?.change);
    const events = kinds.map(({ type, content, details }) => received(tenantId, { channelId, type, content, details }));
    await store(...events);
    const stored = new Map((await rows('messages', tenantId)).map((row) => [row.id, row.details]));
    const told = new Map(
      (await fixture.outbox(tenantId, 'message.created')).map(({ data }) => {
        const { message } = data as { message: { id: string; details: unknown } };
        return [message.id, message.details];
      }),
    );
    for (const [i, { envelope }] of events.entries()) {
      const { name, details } = kinds[i]!;
      // Of a group also who wrote.
      const expected = details?.group ? { group: { ...details.group, from: { name: 'Ana' } } } : details;
      expect({ name, details: stored.get(envelope.id) }).toMatchObject({ name, details: expected });
      expect({ name, details: told.get(envelope.id) }).toMatchObject({ name, details: expected });
    }
  });

  it('is stored and counted once for any number of deliveries', async () => {
    const tenantId = randomUUID();
    const given = { channelId: randomUUID(), providerMessageId: 'wamid.same' };
    const [first, again] = [received(tenantId, given), received(tenantId, given)];
    await store(first, first, again);
    await store(again);
    await Promise.all([store(first), store(again)]);
    expect(await rows('messages', tenantId)).toHaveLength(1);
    expect((await rows('conversations', tenantId))[0]).toMatchObject({ message_count: 1, unread_count: 1 });
    expect(await fixture.outbox(tenantId, 'message.created')).toHaveLength(1);
  });

  it('is counted once when two copies store it at the same moment', async () => {
    const tenantId = randomUUID();
    const channelId = randomUUID();
    const events = Array.from({ length: 40 }, (_, i) =>
      received(tenantId, {
        channelId,
        providerMessageId: `wamid.${i}`,
        from: { waId: `5199900000${i % 4}`, phone: null },
        sentTime: new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString(),
      }),
    );
    // Different ids for the same provider ids, as two webhooks of the same message have.
    const twins = events.map(({ envelope: { data } }) => received(tenantId, data));
    await Promise.all([
      store(...events),
      store(...twins.toReversed()),
      store(...events.slice(10, 30)),
      store(...twins.slice(5, 25)),
    ]);
    const conversations = await rows('conversations', tenantId);
    expect(conversations).toHaveLength(4);
    for (const conversation of conversations) {
      expect(conversation).toMatchObject({ message_count: 10, unread_count: 10 });
      const [last] = await fixture.admin.sql`
        select id from conversation.messages where conversation_id = ${conversation.id}
        order by sent_time desc, id desc limit 1`;
      expect(conversation.last_message_id).toBe(last!.id);
    }
    expect(await rows('messages', tenantId)).toHaveLength(40);
    expect(await fixture.outbox(tenantId, 'message.created')).toHaveLength(40);
  });

  it('makes one contact and one conversation for 50 first messages at once', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    await Promise.all(Array.from({ length: 50 }, (_, i) => store(received(tenantId, { channelId, content: `${i}` }))));
    expect(await rows('contacts', tenantId)).toHaveLength(1);
    const conversations = await rows('conversations', tenantId);
    expect(conversations).toHaveLength(1);
    expect(conversations[0]).toMatchObject({ message_count: 50, unread_count: 50 });
    expect(await fixture.outbox(tenantId, 'contact.created')).toHaveLength(1);
    expect(await fixture.outbox(tenantId, 'conversation.created')).toHaveLength(1);
    const told = (await fixture.outbox(tenantId, 'message.created')) as {
      data: { conversation: { isNew: boolean } };
    }[];
    expect(told.filter(({ data }) => data.conversation.isNew)).toHaveLength(1);
  });

  it('in batches of many senders in any order never deadlocks or gets lost', async () => {
    const tenantId = randomUUID();
    const channels = [randomUUID(), randomUUID()];
    const batch = (seed: number) =>
      Array.from({ length: 60 }, (_, i) =>
        received(tenantId, {
          channelId: channels[(i * seed) % 2]!,
          from: { waId: `5198000${String((i * seed * 7) % 30).padStart(4, '0')}`, phone: null, name: null },
        }),
      );
    await Promise.all([1, 11, 13, 17, 19, 23].map((seed) => store(...batch(seed))));
    expect(await rows('contacts', tenantId)).toHaveLength(30);
    const conversations = await rows('conversations', tenantId);
    expect(conversations.reduce((sum, c) => sum + c.message_count, 0)).toBe(360);
    expect(await rows('messages', tenantId)).toHaveLength(360);
  });

  it('is the conversation’s last message by provider time, then by arrival', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const at = (sentTime: string, content: string) => received(tenantId, { channelId, sentTime, content });
    const [late, tie, early] = [
      at('2026-03-01T10:00:05Z', 'late'),
      at('2026-03-01T10:00:05Z', 'tie'),
      at('2026-03-01T10:00:01Z', 'early'),
    ];
    await store(late, tie);
    await store(early);
    const [conversation] = await rows('conversations', tenantId);
    expect(conversation).toMatchObject({ last_message_content: 'tie', message_count: 3 });
    const thread = await fixture.admin.sql`
      select content from conversation.messages where tenant_id = ${tenantId} order by sent_time, id`;
    expect(thread.map((m) => m.content)).toEqual(['early', 'late', 'tie']);
  });

  it.each([
    ['Brazil', '5511987654321', '551187654321'],
    ['Mexico', '525512345678', '5215512345678'],
    ['Argentina', '5491112345678', '541112345678'],
  ])('both spellings of a number of %s are one contact, each kept as received', async (_, one, other) => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const from = (waId: string) => received(tenantId, { channelId, from: { waId, phone: `+${waId}` } });
    await Promise.all([store(from(one)), store(from(other))]);
    await store(from(other));
    expect(await rows('contacts', tenantId)).toHaveLength(1);
    const conversations = await rows('conversations', tenantId);
    expect(conversations).toHaveLength(1);
    expect(conversations[0]!.peer_wa_id).toBe(other);
    const waIds = (await rows('contact_identities', tenantId)).filter((i) => i.kind === 'wa_id').map((i) => i.value);
    expect(waIds.toSorted()).toEqual([one, other].toSorted());
  });

  it('without a phone makes a contact by user id, which gets its phone later', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const hidden = { waId: null, phone: null, userId: 'BR.1234', name: null };
    await store(received(tenantId, { channelId, from: hidden }));
    expect((await rows('contacts', tenantId))[0]).toMatchObject({ phone: null, name: null });
    await store(
      received(tenantId, { channelId, from: { ...hidden, waId: '51911222333', phone: '+51911222333', name: 'Eva' } }),
    );
    const contacts = await rows('contacts', tenantId);
    expect(contacts).toHaveLength(1);
    expect(contacts[0]).toMatchObject({ phone: '+51911222333', name: 'Eva' });
    expect((await rows('conversations', tenantId))[0]).toMatchObject({
      peer_user_id: 'BR.1234',
      peer_wa_id: '51911222333',
    });
    await store(received(tenantId, { channelId, from: { waId: '51911222333', phone: '+51911222333', userId: null } }));
    expect(await rows('conversations', tenantId)).toHaveLength(1);
  });

  it('opens a new conversation after a close', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    await store(received(tenantId, { channelId }));
    await fixture.admin.sql`
      update conversation.conversations set status = 'closed', closed_at = now() where tenant_id = ${tenantId}`;
    await store(received(tenantId, { channelId, content: 'otra vez' }));
    const conversations = await rows('conversations', tenantId);
    expect(conversations.map((c) => [c.status, c.message_count]).toSorted()).toEqual([
      ['closed', 1],
      ['new', 1],
    ]);
    expect(await rows('contacts', tenantId)).toHaveLength(1);
  });

  it('opens nothing when it repeats a message of a closed conversation', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const event = received(tenantId, { channelId });
    await store(event);
    await fixture.admin.sql`update conversation.conversations set status = 'closed' where tenant_id = ${tenantId}`;
    await store(event);
    expect(await rows('conversations', tenantId)).toHaveLength(1);
  });

  it('keeps U+0000 as U+FFFD, in texts and in metadata', async () => {
    const tenantId = randomUUID();
    await store(
      received(tenantId, { content: 'a\0b', metadata: { deep: ['x\0', { 'k\0': 1 }] }, from: { name: 'A\0na' } }),
    );
    expect((await rows('messages', tenantId))[0]).toMatchObject({
      content: 'a\uFFFDb',
      metadata: { deep: ['x\uFFFD', { 'k\uFFFD': 1 }] },
    });
    expect((await rows('contacts', tenantId))[0]!.name).toBe('A\uFFFDna');
  });

  it('keeps tenants apart, also for the same phone and provider id', async () => {
    const given = { channelId: randomUUID(), providerMessageId: 'wamid.shared' };
    const [a, b] = [randomUUID(), randomUUID()];
    await store(received(a, given), received(b, given));
    for (const tenantId of [a, b]) {
      expect(await rows('contacts', tenantId)).toHaveLength(1);
      expect(await rows('messages', tenantId)).toHaveLength(1);
    }
  });
});

describe('the consumer', () => {
  it('stores and publishes messages with two copies, and is not delayed by a failing event', async () => {
    const [one] = await Promise.all([fixture.start(), fixture.start()]);
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const good = () =>
      Array.from({ length: 60 }, (_, i) =>
        received(tenantId, { channelId, from: { waId: `519990001${String(i % 20).padStart(2, '0')}`, phone: null } }),
      );
    // One that no parser takes, and one that only Postgres refuses.
    const malformed = received(tenantId, { channelId });
    malformed.envelope.tenantid = 'not-a-tenant';
    const poison = received(tenantId, { channelId, providerMessageId: 'wamid.\0' });
    await fixture.publish([...good(), malformed, poison, ...good()]);
    await eventually(async () => expect(await rows('messages', tenantId)).toHaveLength(120));
    await eventually(async () => {
      const info = await fixture.bus.jsm.streams.info('RECADO_CONVERSATION', {
        subjects_filter: `recado.conversation.${tenantId}.message.created`,
      });
      const batches = await fixture.admin.sql`
        select 1 from conversation.outbox where tenant_id = ${tenantId} and subject like '%.message.created'`;
      expect(Object.values(info.state.subjects ?? {})).toEqual([batches.length]);
      expect(await fixture.outbox(tenantId, 'message.created')).toHaveLength(120);
    });
    expect(one.url).toMatch(/^http/);
  });
});

describe('a vote in a poll', () => {
  it('that returns to an earlier choice is a new one, and one that is told again is not', async () => {
    const [tenantId, channelId] = [randomUUID(), randomUUID()];
    const context = { quoted: { providerMessageId: '3EB0POLL' } };
    const vote = (selected: string[], voter = '51999888777@s.whatsapp.net') =>
      received(tenantId, {
        channelId,
        type: 'interactive',
        content: selected.join(', '),
        details: { poll: { selected, voter }, context },
        replyToProviderMessageId: '3EB0POLL',
      });
    const other = () => vote(['Monday'], '2@lid');
    expect(await store(vote(['Monday']))).toBe(1);
    expect(await store(vote(['Monday']), other())).toBe(1);
    expect(await store(vote(['Friday']), vote(['Friday']), other())).toBe(1);
    expect(await store(vote(['Monday']), vote(['Friday']), vote([]))).toBe(3);
    const texts = (await rows('messages', tenantId)).map(({ details, content }) => `${details.poll.voter} ${content}`);
    const own = ['Monday', 'Friday', 'Monday', 'Friday', ''].map((one) => `51999888777@s.whatsapp.net ${one}`);
    expect(texts.sort()).toEqual([...own, '2@lid Monday'].sort());
  });
});
