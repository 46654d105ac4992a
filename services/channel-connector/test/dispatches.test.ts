import { randomUUID } from 'node:crypto';
import { eventually } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { claimDispatches } from '../src/dispatches/store.ts';
import { aboutOf, CONTENTS } from './contents.ts';
import {
  createChannel,
  createFixture,
  dispatchOf,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  requestMessage,
  untilState,
} from './support.ts';

const STATUS = 'message.status-changed';
interface Status {
  messageId: string | null;
  providerMessageId: string | null;
  status: string;
  source: string;
  error: { code: string; message: string } | null;
}

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({
    RECADO_SEND_TIMEOUT_MS: '1500',
    RECADO_SEND_LEASE_MS: '3000',
    RECADO_SEND_MAX_TRIES: '5',
  });
});
afterEach(async () => {
  await fixture.sandbox.control.setBehaviour({
    lostReplyRate: 0,
    resetRate: 0,
    errorRate: 0,
    statuses: { enabled: true },
    webhook: { paused: false },
  });
});
afterAll(() => fixture.stop());

async function accepted(messageId: string) {
  return fixture.sandbox.control.ledgerMessages({ bizOpaqueCallbackData: messageId });
}

describe('sending', () => {
  test('a requested message is sent once and its ticks come back with its id', async () => {
    const channel = await createChannel(fixture);
    // A tick that overtakes the result of the send settles it. Another test covers that.
    await fixture.sandbox.control.setBehaviour({ webhook: { paused: true } });
    const { messageId } = await requestMessage(fixture, channel, { text: 'Olá' });
    const row = await untilState(fixture, messageId, 'sent');
    await fixture.sandbox.control.setBehaviour({ webhook: { paused: false } });
    const [message, ...others] = await accepted(messageId);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ to: '5511911112222', text: 'Olá', wamid: row.provider_message_id });
    await eventually(async () => {
      const events = await eventsOf<Status>(fixture, channel.tenantId, STATUS);
      const known = events.filter((e) => e.messageId === messageId && e.providerMessageId === message!.wamid);
      expect(known.map((e) => `${e.source} ${e.status}`).sort()).toEqual([
        'dispatch sent',
        'webhook delivered',
        'webhook read',
        'webhook sent',
      ]);
    });
  });

  test('every kind of message goes out as its provider wants it', async () => {
    const channel = await createChannel(fixture);
    const about = aboutOf('wamid.quoted');
    const template = { kind: 'template', name: 'hello_world', language: 'en_US' } as const;
    for (const content of [...Object.values(CONTENTS), template]) {
      const { messageId } = await requestMessage(fixture, channel, { content, about });
      await untilState(fixture, messageId, 'sent');
      const [message] = await accepted(messageId);
      const isReaction = content.kind === 'reaction';
      const type = ['buttons', 'list', 'link'].includes(content.kind) ? 'interactive' : content.kind;
      expect(message, content.kind).toMatchObject({ type, contextMessageId: isReaction ? null : 'wamid.quoted' });
      if (content.kind === 'text') expect(message!.body).toEqual({ body: content.body, preview_url: true });
      if (isReaction) expect(message!.body).toEqual({ message_id: 'wamid.quoted', emoji: '👍' });
    }
  });

  test('a reply to a customer goes before what waits for many, also in their conversation', async () => {
    // One message a minute: the first takes the only place, and the others wait.
    const channel = await createChannel(fixture, { ratePerMinute: 1 });
    const first = await requestMessage(fixture, channel);
    await untilState(fixture, first.messageId, 'sent');
    const bulk = { bulk: true, at: new Date(Date.now() - 60_000) };
    const many = await Promise.all([1, 2].map(() => requestMessage(fixture, channel, bulk)));
    const { conversationId } = many[1]!;
    const reply = await requestMessage(fixture, channel, { conversationId });
    for (const { messageId } of [...many, reply]) await untilState(fixture, messageId, 'queued');
    const { sql } = fixture.connector.deps.workerDb;
    const claimed = await claimDispatches(sql, randomUUID(), [channel.id], [2], 60_000);
    const ids = claimed.map(({ messageId }) => messageId);
    expect(ids.sort()).toEqual([reply.messageId, many[0]!.messageId].sort());
  });

  test('a reply goes out while the order of a broadcast is still being written', async () => {
    const broadcast = await createChannel(fixture, { dailyMessageLimit: 10 });
    const { tenantId } = broadcast;
    const other = await createChannel(fixture, { tenantId });
    await untilState(fixture, (await requestMessage(fixture, broadcast)).messageId, 'sent');
    const held = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = fixture.sql.begin(async (tx) => {
      await tx`select 1 from channel_connector.channel_days where channel_id = ${broadcast.id} for update`;
      locked.resolve();
      await held.promise;
    });
    await locked.promise;
    const one = await requestMessage(fixture, broadcast, { bulk: true });
    try {
      const reply = await requestMessage(fixture, other);
      await untilState(fixture, reply.messageId, 'sent');
      expect(await dispatchOf(fixture, one.messageId)).toBeUndefined();
    } finally {
      held.resolve();
      await holding;
    }
    await untilState(fixture, one.messageId, 'sent');
  });

  test('the same request ten times is one dispatch and one send', async () => {
    const channel = await createChannel(fixture);
    const { messageId, conversationId } = await requestMessage(fixture, channel);
    await untilState(fixture, messageId, 'sent');
    const [row] = await fixture.sql`select * from channel_connector.dispatches where message_id = ${messageId}`;
    expect(row!.conversation_id).toBe(conversationId);
    const subject = `recado.conversation.${channel.tenantId}.message.requested`;
    const again = await fixture.bus.jsm.streams.getMessage('RECADO_CONVERSATION', { last_by_subj: subject });
    for (let i = 0; i < 9; i++) await fixture.bus.js.publish(subject, again!.data);
    const last = await requestMessage(fixture, channel);
    await untilState(fixture, last.messageId, 'sent');
    expect(await accepted(messageId)).toHaveLength(1);
  });

  test('messages of a conversation go out one at a time, in order', async () => {
    const channel = await createChannel(fixture);
    const conversationId = randomUUID();
    const start = Date.now();
    const sent = [];
    for (let i = 0; i < 20; i++) {
      const at = new Date(start + i);
      sent.push(await requestMessage(fixture, channel, { conversationId, text: String(i), at }));
    }
    for (const { messageId } of sent) await untilState(fixture, messageId, 'sent');
    const ledger = await fixture.sandbox.control.ledgerMessages({ phoneNumberId: channel.phoneNumberId });
    expect(ledger.map((message) => message.text)).toEqual(sent.map((one) => one.text));
  });

  test('two copies share the work and send each message once', async () => {
    const copy = await fixture.start();
    const channel = await createChannel(fixture);
    const sent = await Promise.all(
      Array.from({ length: 150 }, (_, i) =>
        requestMessage(fixture, channel, { text: String(i), to: `55119${10_000_000 + i}` }),
      ),
    );
    for (const { messageId } of sent) await untilState(fixture, messageId, 'sent');
    const ledger = await fixture.sandbox.control.ledgerMessages({ phoneNumberId: channel.phoneNumberId });
    expect(ledger).toHaveLength(150);
    expect(new Set(ledger.map((message) => message.bizOpaqueCallbackData)).size).toBe(150);
    await copy.stop();
  });

  test("a send from another tenant's channel is refused", async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, { ...channel, tenantId: randomUUID() });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row.error_code).toBe('channel_not_found');
    expect(await accepted(messageId)).toEqual([]);
  });

  test('the pace of a channel is kept', async () => {
    const channel = await createChannel(fixture, { ratePerMinute: 120 });
    const started = Date.now();
    const sent = await Promise.all(
      Array.from({ length: 6 }, (_, i) => requestMessage(fixture, channel, { to: `551198888000${i}` })),
    );
    for (const { messageId } of sent) await untilState(fixture, messageId, 'sent');
    // One goes at once, the other five at two a second.
    expect(Date.now() - started).toBeGreaterThan(1500);
  });
});

test('a number that the provider calls too fast rests for a second', async () => {
  const channel = await createChannel(fixture);
  const refused = await requestMessage(fixture, channel, { to: '5511990130429' });
  await eventually(async () => expect((await dispatchOf(fixture, refused.messageId))?.error_code).toBe('130429'));
  const asked = Date.now();
  const { messageId } = await requestMessage(fixture, channel);
  await untilState(fixture, messageId, 'sent');
  expect(Date.now() - asked).toBeGreaterThan(400);
});

test('without Redis each process keeps the pace by itself and goes on sending', async () => {
  const channel = await createChannel(fixture);
  await fixture.connector.stop();
  const alone = await fixture.start({ REDIS_URL: 'redis://127.0.0.1:1' });
  fixture.edge.to(alone);
  const { messageId } = await requestMessage(fixture, channel);
  await untilState(fixture, messageId, 'sent');
  await alone.stop();
  fixture.connector = await fixture.start();
  fixture.edge.to(fixture.connector);
});

test('claims whose answer was lost with the connection are taken back, and nothing goes out twice', async () => {
  const channel = await createChannel(fixture);
  const conversations = Array.from({ length: 60 }, () => randomUUID());
  const sent = [];
  for (const [i, conversationId] of conversations.entries()) {
    sent.push(await requestMessage(fixture, channel, { conversationId, to: `55115${10_000_000 + i}` }));
    if (i % 10 === 5) {
      await fixture.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'channel-connector-worker'`;
    }
  }
  for (const { messageId } of sent) await untilState(fixture, messageId, 'sent');
  const ledger = await fixture.sandbox.control.ledgerMessages({ phoneNumberId: channel.phoneNumberId });
  expect(ledger).toHaveLength(60);
  expect(new Set(ledger.map((message) => message.bizOpaqueCallbackData)).size).toBe(60);
});

describe('refusals', () => {
  test('a temporary refusal is retried until it works, and the message is sent once', async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel, { to: '5511999990009' });
    const row = await untilState(fixture, messageId, 'sent');
    expect(row.attempts).toBe(3);
    expect(await accepted(messageId)).toHaveLength(1);
  });

  test("a refusal is retried on time although this copy's clock was two hours ahead a moment ago", async () => {
    const channel = await createChannel(fixture);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
    try {
      await untilState(fixture, (await requestMessage(fixture, channel)).messageId, 'sent');
    } finally {
      vi.useRealTimers();
    }
    // The sandbox refuses this recipient twice.
    const { messageId } = await requestMessage(fixture, channel, { to: '5511999990009' });
    expect((await untilState(fixture, messageId, 'sent')).attempts).toBe(3);
  });

  test("Meta's own 500 is a refusal: it is retried, then failed with its reason", async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel, { to: '5511999990500' });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row).toMatchObject({
      attempts: 5,
      error_code: '1',
      error_message: expect.stringMatching(/unknown problem/),
    });
    expect(await accepted(messageId)).toEqual([]);
  });

  test('a final refusal is failed with a readable reason', async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel, { to: '5511910131047' });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row).toMatchObject({ error_code: '131047', attempts: 1 });
    expect(row.error_message).toMatch(/24 hours/);
    const [event] = (await eventsOf<Status>(fixture, channel.tenantId, STATUS)).filter(
      (e) => e.messageId === messageId,
    );
    expect(event).toMatchObject({ status: 'failed', source: 'dispatch', error: { code: '131047' } });
  });

  test('a later failure by webhook fails the dispatch with its reason', async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel, { to: '5511911131026' });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row.error_code).toBe('131026');
  });

  test('a stopped number is an error, its next messages fail at once, and it recovers when time is up', async () => {
    const channel = await createChannel(fixture);
    const first = await requestMessage(fixture, channel, { to: '5511910131048' });
    await untilState(fixture, first.messageId, 'failed');
    await eventually(async () => {
      const events = await eventsOf<{ status: string; reason: string }>(
        fixture,
        channel.tenantId,
        'channel.status-changed',
      );
      expect(events.at(-1)).toMatchObject({ status: 'error', reason: expect.stringMatching(/restricted/) });
    });
    const second = await requestMessage(fixture, channel);
    const row = await untilState(fixture, second.messageId, 'failed');
    expect(row.error_code).toBe('channel_not_connected');
    expect(await accepted(second.messageId)).toEqual([]);
    await fixture.sql`
      update channel_connector.channels set blocked_until = null, checked_at = now() - interval '2 minutes' where id = ${channel.id}`;
    await eventually(async () => {
      const events = await eventsOf<{ status: string }>(fixture, channel.tenantId, 'channel.status-changed');
      expect(events.at(-1)!.status).toBe('connected');
    });
    const third = await requestMessage(fixture, channel);
    await untilState(fixture, third.messageId, 'sent');
  });
});

describe('replies that get lost', () => {
  test('100 messages whose replies were lost are settled, and none is sent twice', async () => {
    // Four on each number: after five without an answer a number rests, longer each time.
    const channels = await Promise.all(Array.from({ length: 25 }, () => createChannel(fixture)));
    await fixture.sandbox.control.setBehaviour({ lostReplyRate: 1 });
    const sent = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        requestMessage(fixture, channels[i % 25]!, { to: `55117${10_000_000 + i}` }),
      ),
    );
    for (const { messageId } of sent) await untilState(fixture, messageId, 'sent');
    const ledgers = channels.map(({ phoneNumberId }) => fixture.sandbox.control.ledgerMessages({ phoneNumberId }));
    const ledger = (await Promise.all(ledgers)).flat();
    expect(ledger).toHaveLength(100);
    expect(ledger.every((message) => message.reply === 'lost')).toBe(true);
    const wamids = new Map(ledger.map((message) => [message.bizOpaqueCallbackData, message.wamid]));
    for (const { messageId } of sent) {
      expect((await dispatchOf(fixture, messageId))!.provider_message_id).toBe(wamids.get(messageId));
    }
  });

  test('a reset before acceptance is uncertain, never retried, and fails visibly', async () => {
    const channel = await createChannel(fixture);
    const copy = await fixture.start({ RECADO_UNCERTAIN_AFTER_MS: '300' });
    const { messageId } = await requestMessage(fixture, channel, { to: '5511999990002' });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row).toMatchObject({ error_code: 'uncertain', attempts: 1 });
    const uncertain = await eventsOf<{ messageId: string }>(fixture, channel.tenantId, 'dispatch.became-uncertain');
    expect(uncertain.map((event) => event.messageId)).toEqual([messageId]);
    const events = await eventsOf<Status>(fixture, channel.tenantId, STATUS);
    expect(events.filter((e) => e.messageId === messageId)).toMatchObject([
      { status: 'failed', error: { code: 'uncertain', message: expect.stringMatching(/not confirm/) } },
    ]);
    expect(await accepted(messageId)).toEqual([]);
    await copy.stop();

    // Proof that comes even later still counts.
    const status = {
      id: 'wamid.late',
      status: 'delivered',
      timestamp: '1750000000',
      biz_opaque_callback_data: messageId,
    };
    const body = payload(channel.phoneNumberId, { statuses: [status] });
    expect(await postFrames(fixture.connector, [frame(channel.id, body)])).toEqual([200]);
    expect(await untilState(fixture, messageId, 'sent')).toMatchObject({
      provider_message_id: 'wamid.late',
      error_code: null,
    });
  });

  test.each([
    ['hangs after accepting', '5511999990004', 1],
    ['answers nonsense', '5511999990005', 1],
  ])('the webhook settles the message when Meta %s', async (_what, to, times) => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel, { to });
    await untilState(fixture, messageId, 'sent');
    expect(await accepted(messageId)).toHaveLength(times);
  });

  test('an unreachable Graph API is waited for, and nothing is lost or doubled', async () => {
    const channel = await createChannel(fixture);
    // Port 1 refuses connections; no other copy may help out.
    await fixture.connector.stop();
    const cut = await fixture.start({ RECADO_META_GRAPH_URL: 'http://127.0.0.1:1' });
    const { messageId } = await requestMessage(fixture, channel);
    await eventually(async () => {
      const row = await dispatchOf(fixture, messageId);
      expect(row).toMatchObject({ error_code: 'unreachable' });
      expect(row!.attempts).toBeGreaterThan(1);
    });
    await cut.stop();
    fixture.connector = await fixture.start();
    fixture.edge.to(fixture.connector);
    await untilState(fixture, messageId, 'sent');
    expect(await accepted(messageId)).toHaveLength(1);
  });
});

describe('processes that die', () => {
  async function orphan(channel: { tenantId: string; id: string }, messageId: string, conversationId: string) {
    await fixture.sql`
      insert into channel_connector.dispatches
        (tenant_id, message_id, conversation_id, channel_id, recipient, type, body, state, attempts, lease_until, requested_at)
      values (${channel.tenantId}, ${messageId}, ${conversationId}, ${channel.id}, '{"waId":"5511911112222"}', 'text', 'Hi',
              'sending', 1, now() + interval '300 ms', now())`;
  }

  test('a message of a killed process is uncertain after its lease, settled by the webhook, and the next one goes', async () => {
    const channel = await createChannel(fixture);
    const [messageId, conversationId] = [randomUUID(), randomUUID()];
    await orphan(channel, messageId, conversationId);
    const next = await requestMessage(fixture, channel, { conversationId });
    await untilState(fixture, messageId, 'uncertain');
    await untilState(fixture, next.messageId, 'sent');
    expect(await accepted(messageId)).toEqual([]);
    const status = { id: 'wamid.orphan', status: 'sent', timestamp: '1750000000', biz_opaque_callback_data: messageId };
    await postFrames(fixture.connector, [frame(channel.id, payload(channel.phoneNumberId, { statuses: [status] }))]);
    expect(await untilState(fixture, messageId, 'sent')).toMatchObject({ provider_message_id: 'wamid.orphan' });
  });

  test('a webhook that comes before the result is written settles it at once', async () => {
    const channel = await createChannel(fixture);
    const messageId = randomUUID();
    await orphan(channel, messageId, randomUUID());
    await fixture.sql`update channel_connector.dispatches set lease_until = now() + interval '1 hour' where message_id = ${messageId}`;
    const status = {
      id: 'wamid.early',
      status: 'delivered',
      timestamp: '1750000000',
      biz_opaque_callback_data: messageId,
    };
    await postFrames(fixture.connector, [frame(channel.id, payload(channel.phoneNumberId, { statuses: [status] }))]);
    expect(await untilState(fixture, messageId, 'sent')).toMatchObject({ provider_message_id: 'wamid.early' });
  });

  test('a stop finishes sends in flight', async () => {
    const channel = await createChannel(fixture);
    const sent = await Promise.all(
      Array.from({ length: 40 }, (_, i) => requestMessage(fixture, channel, { to: `55116${10_000_000 + i}` })),
    );
    await eventually(async () => expect(await dispatchOf(fixture, sent[0]!.messageId)).toBeDefined());
    await fixture.connector.stop();
    const [row] = await fixture.sql`
      select count(*)::int as n from channel_connector.dispatches where state = 'sending' and tenant_id = ${channel.tenantId}`;
    expect(row!.n).toBe(0);
    fixture.connector = await fixture.start();
    fixture.edge.to(fixture.connector);
    for (const { messageId } of sent) await untilState(fixture, messageId, 'sent');
    const ledger = await fixture.sandbox.control.ledgerMessages({ phoneNumberId: channel.phoneNumberId });
    expect(ledger).toHaveLength(40);
  });
});
