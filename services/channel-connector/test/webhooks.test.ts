import { randomUUID } from 'node:crypto';
import { FRAMES_CONTENT_TYPE, FRAMES_PATH } from '@recado/contracts';
import { eventually, internalToken } from '@recado/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  APP_SECRET,
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  signed,
  type TestChannel,
  textMessage,
} from './support.ts';

const RECEIVED = 'message.received';
const STATUS = 'message.status-changed';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

/** Events of messages and statuses. */
async function countEvents(tenantId: string): Promise<number> {
  const rows = await fixture.sql<{ envelope: string }[]>`
    select envelope from channel_connector.outbox
    where tenant_id = ${tenantId} and subject like '%.message.%'`;
  return rows.flatMap((row) => JSON.parse(row.envelope)).length;
}

const oneMessage = (channel: TestChannel, id: string) =>
  payload(channel.phoneNumberId, {
    contacts: [{ profile: { name: 'Ana' }, wa_id: '5511911112222' }],
    messages: [textMessage(id)],
  });

describe('signatures', () => {
  test('a signed message is stored and published once', async () => {
    const channel = await createChannel(fixture);
    expect(await postFrames(fixture.connector, [frame(channel.id, oneMessage(channel, 'wamid.1'))])).toEqual([200]);
    const [event] = await eventsOf(fixture, channel.tenantId, RECEIVED);
    expect(event).toMatchObject({
      channelId: channel.id,
      provider: 'meta',
      providerMessageId: 'wamid.1',
      from: { waId: '5511911112222', phone: '+5511911112222', userId: null, name: 'Ana' },
      type: 'text',
      content: 'Hi',
      metadata: null,
    });
  });

  test('a wrong, missing or misshapen signature is 401 and nothing is stored', async () => {
    const channel = await createChannel(fixture);
    const good = frame(channel.id, oneMessage(channel, 'wamid.2'));
    const signature = good.headers['x-hub-signature-256']!;
    const statuses = await postFrames(fixture.connector, [
      frame(channel.id, oneMessage(channel, 'wamid.2'), 'another secret'),
      frame(channel.id, oneMessage(channel, 'wamid.2'), null),
      { ...good, headers: signed('sha256=') },
      { ...good, headers: signed(signature.replace('sha256=', 'sha1=')) },
      { ...good, headers: signed(`${signature}00`) },
      { ...good, headers: signed(`sha256=${'zz'.repeat(32)}`) },
      { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) },
    ]);
    expect(statuses).toEqual(Array(7).fill(401));
    expect(await countEvents(channel.tenantId)).toBe(0);
  });

  test('an unknown number is 404, whether named by the path or by the payload', async () => {
    const stranger = payload('99999', { messages: [textMessage('wamid.x')] });
    const statuses = await postFrames(fixture.connector, [
      frame(randomUUID(), stranger),
      frame('not-an-id', stranger),
      frame(null, stranger),
    ]);
    expect(statuses).toEqual([404, 404, 404]);
  });

  test('malformed JSON is 400, and the other webhooks of the request are stored', async () => {
    const channel = await createChannel(fixture);
    const statuses = await postFrames(fixture.connector, [
      frame(channel.id, '{"entry": ['),
      frame(channel.id, oneMessage(channel, 'wamid.3')),
      frame(null, 'nonsense'),
    ]);
    expect(statuses).toEqual([400, 200, 400]);
    expect(await countEvents(channel.tenantId)).toBe(1);
  });

  test('without a channel in the path, the payload’s number finds it, and its secret must sign', async () => {
    const channel = await createChannel(fixture);
    const statuses = await postFrames(fixture.connector, [
      frame(null, oneMessage(channel, 'wamid.4')),
      frame(null, oneMessage(channel, 'wamid.5'), 'another secret'),
    ]);
    expect(statuses).toEqual([200, 401]);
    expect(await countEvents(channel.tenantId)).toBe(1);
  });

  test("a change for another tenant's number is never stored under the path's channel", async () => {
    const mine = await createChannel(fixture);
    const theirs = await createChannel(fixture, { appSecret: 'the secret of another app' });
    expect(await postFrames(fixture.connector, [frame(mine.id, oneMessage(theirs, 'wamid.6'))])).toEqual([200]);
    expect(await countEvents(mine.tenantId)).toBe(0);
    expect(await countEvents(theirs.tenantId)).toBe(0);
  });

  test('an installation secret signs for channels without one of their own', async () => {
    const tenantId = randomUUID();
    const copy = await fixture.start({ RECADO_META_APP_SECRET: 'installation secret' });
    await fixture.sandbox.control.addNumber({
      phoneNumberId: '424242',
      displayPhoneNumber: '+5511955554444',
      wabaId: '2000001',
      accessToken: 'x',
      appSecret: 'installation secret',
    });
    const response = await copy.app.inject({
      method: 'POST',
      url: '/channels',
      headers: { authorization: `Bearer ${internalToken({ tenantId, permissions: ['whatsapp.numbers.manage'] })}` },
      payload: {
        name: 'No secret',
        provider: 'meta',
        phone: '+5511955554444',
        credentials: { phoneNumberId: '424242', accessToken: 'x', verifyToken: 'v' },
      },
    });
    const { id } = response.json<{ id: string }>();
    const body = payload('424242', { messages: [textMessage('wamid.7')] });
    expect(await postFrames(copy, [frame(id, body, 'installation secret'), frame(id, body)])).toEqual([200, 401]);
    // The first copy has no such secret at all: it refuses rather than believes.
    expect(await postFrames(fixture.connector, [frame(id, body, 'installation secret')])).toEqual([401]);
    await copy.stop();
  });

  test('the route needs an internal token and complete frames', async () => {
    const post = (headers: Record<string, string>, body: Buffer) =>
      fixture.connector.app.inject({ method: 'POST', url: FRAMES_PATH, headers, payload: body });
    const authorization = `Bearer ${internalToken()}`;
    const type = FRAMES_CONTENT_TYPE;
    expect((await post({ 'content-type': type }, Buffer.alloc(12))).statusCode).toBe(401);
    expect((await post({ authorization, 'content-type': type }, Buffer.alloc(5))).statusCode).toBe(400);
    expect((await post({ authorization, 'content-type': 'text/plain' }, Buffer.alloc(12))).statusCode).toBe(415);
    expect((await post({ authorization, 'content-type': 'application/json' }, Buffer.from('{}'))).statusCode).toBe(415);
  });
});

describe('everything in a webhook is kept', () => {
  test('ten messages and statuses in three changes are all stored', async () => {
    const channel = await createChannel(fixture);
    const status = (id: string, name: string) => ({ id, status: name, timestamp: '1750000000', recipient_id: '5511' });
    const body = payload(
      channel.phoneNumberId,
      { messages: ['a', 'b', 'c'].map((id) => textMessage(id)) },
      { statuses: [status('o1', 'sent'), status('o1', 'delivered'), status('o2', 'played'), status('o3', 'failed')] },
      { messages: ['d', 'e'].map((id) => textMessage(id)), statuses: [status('o1', 'read')] },
    );
    expect(await postFrames(fixture.connector, [frame(channel.id, body)])).toEqual([200]);
    const received = await eventsOf<{ providerMessageId: string }>(fixture, channel.tenantId, RECEIVED);
    expect(received.map((event) => event.providerMessageId)).toEqual(['a', 'b', 'c', 'd', 'e']);
    const statuses = await eventsOf<{ providerMessageId: string; status: string }>(fixture, channel.tenantId, STATUS);
    expect(statuses.map((event) => `${event.providerMessageId} ${event.status}`)).toEqual([
      'o1 sent',
      'o1 delivered',
      'o2 read',
      'o3 failed',
      'o1 read',
    ]);
  });

  test('1,000 items in one webhook become 1,000 rows, published in the stream', async () => {
    const channel = await createChannel(fixture);
    const ids = Array.from({ length: 1000 }, (_, i) => `wamid.many.${i}`);
    const body = payload(channel.phoneNumberId, { messages: ids.map((id) => textMessage(id)) });
    expect(await postFrames(fixture.connector, [frame(channel.id, body)])).toEqual([200]);
    expect(await countEvents(channel.tenantId)).toBe(1000);
    await eventually(async () => {
      const [row] = await fixture.sql`
        select count(*)::int as n from channel_connector.outbox where tenant_id = ${channel.tenantId} and published_at is null`;
      expect(row!.n).toBe(0);
    });
  });

  test('the same webhook sent five times, in parallel and again, is published once', async () => {
    const channel = await createChannel(fixture);
    const same = frame(channel.id, oneMessage(channel, 'wamid.same'));
    expect(await postFrames(fixture.connector, [same, same])).toEqual([200, 200]);
    expect(await Promise.all([1, 2, 3].map(() => postFrames(fixture.connector, [same])))).toEqual([
      [200],
      [200],
      [200],
    ]);
    expect(await countEvents(channel.tenantId)).toBe(1);
  });

  test('every kind the sandbox knows arrives, unknown ones as unsupported with their payload', async () => {
    const channel = await createChannel(fixture);
    const from = '5511922223333';
    const kinds = [
      'image',
      'audio',
      'location',
      'contacts',
      'reaction',
      'list_reply',
      'order',
      'edit',
      'revoke',
    ] as const;
    const { deliveries } = await fixture.sandbox.control.customerBatch({
      phoneNumberId: channel.phoneNumberId,
      wait: true,
      messages: [
        ...kinds.map((kind) => ({ from, kind, text: 'x', replyTo: 'wamid.before' })),
        { from, kind: 'raw', content: { type: 'hologram', hologram: { rays: 7 } } },
      ],
    });
    expect(deliveries!.map((end) => end.lastStatus)).toEqual([200]);
    const events = await eventsOf<{ type: string; metadata: object | null }>(fixture, channel.tenantId, RECEIVED);
    expect(events.map((event) => event.type)).toEqual([
      'image',
      'audio',
      'location',
      'contacts',
      'reaction',
      'interactive',
      'order',
      'text',
      'system',
      'unsupported',
    ]);
    expect(events.at(-1)!.metadata).toMatchObject({ type: 'hologram', hologram: { rays: 7 } });
  });

  test('NUL and lone surrogates become U+FFFD, without harm to other webhooks', async () => {
    const channel = await createChannel(fixture);
    const bad = payload(channel.phoneNumberId, {
      messages: [textMessage('wamid.nul', 'a\0b\ud800c'), { ...textMessage('wamid.raw'), type: 'new', extra: '\0' }],
    });
    const statuses = await postFrames(fixture.connector, [
      frame(channel.id, bad),
      frame(channel.id, oneMessage(channel, 'wamid.fine')),
    ]);
    expect(statuses).toEqual([200, 200]);
    const events = await eventsOf<{ content: string; metadata: unknown }>(fixture, channel.tenantId, RECEIVED);
    expect(events).toHaveLength(3);
    expect(events[0]!.content).toBe('a\uFFFDb\uFFFDc');
    expect(events[1]!.metadata).toMatchObject({ extra: '\uFFFD' });
  });

  test('other webhook fields get 200 and publish nothing', async () => {
    const channel = await createChannel(fixture);
    const body = { entry: [{ changes: [{ field: 'account_update', value: { event: 'x' } }, null, 7] }, 'odd'] };
    expect(await postFrames(fixture.connector, [frame(channel.id, body)])).toEqual([200]);
    expect(await countEvents(channel.tenantId)).toBe(0);
  });
});

test('while the database is away webhooks are 503; sent again when it is back they are stored once', async () => {
  const channel = await createChannel(fixture);
  const webhook = frame(channel.id, oneMessage(channel, 'wamid.away'));
  expect(await postFrames(fixture.connector, [frame(channel.id, oneMessage(channel, 'wamid.before'))])).toEqual([200]);
  const url = new URL(fixture.database.adminUrl);
  url.pathname = '/postgres';
  const server = postgres(url.href, { max: 1 });
  await server`alter database ${server(fixture.database.name)} allow_connections false`;
  await server`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${fixture.database.name}`;
  expect(await postFrames(fixture.connector, [webhook, webhook])).toEqual([503, 503]);
  await server`alter database ${server(fixture.database.name)} allow_connections true`;
  await eventually(async () => expect(await postFrames(fixture.connector, [webhook])).toEqual([200]));
  expect(await countEvents(channel.tenantId)).toBe(2);
  await server.end();
});

test('a channel counts received messages without repeats', async () => {
  const channel = await createChannel(fixture);
  const frames = ['r1', 'r2', 'r2'].map((id) => frame(channel.id, oneMessage(channel, id), APP_SECRET));
  await postFrames(fixture.connector, frames);
  await eventually(async () => {
    const [row] =
      await fixture.sql`select received_total::int as n from channel_connector.channels where id = ${channel.id}`;
    expect(row!.n).toBe(2);
  });
});
