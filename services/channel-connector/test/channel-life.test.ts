import { randomUUID } from 'node:crypto';
import { type AuditEntry, type Channel, connectorApi, type RouteContract } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Finding, Provider } from '../src/providers/provider.ts';
import {
  bearer,
  channelBody,
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  requestMessage,
  type TestChannel,
  textMessage,
  untilState,
} from './support.ts';

/** A provider whose answer to a check is the test's. */
const asked: string[] = [];
let finding: Finding = { status: 'connected', reason: null };
const scripted: Provider<object> = {
  name: 'wppconnect',
  capabilities: { replyWindowHours: null, kinds: ['text'], messagesPerSecond: 20 },
  errors: {},
  credentials: z
    .strictObject({ session: z.string() })
    .transform((given) => ({ providerId: given.session, secrets: given })),
  open: (secrets) => z.object({ session: z.string() }).parse(secrets),
  handshake: null,
  send: async ({ providerId }) => ({ kind: 'ok', value: providerId }),
  check: async ({ providerId }) => {
    asked.push(providerId);
    return finding;
  },
  reach: async () => {},
  isSigned: () => false,
  findNumbers: () => null,
  verifyWebhook: (_webhook, accounts) => accounts.map(() => false),
  readWebhook: () => null,
};

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({}, { providers: [scripted] });
});
afterAll(() => fixture.stop());

let channel: TestChannel;
beforeEach(async () => {
  channel = await createChannel(fixture);
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const ask = (method: Method, path: string, body?: object, authorization = bearer(channel.tenantId)) =>
  fixture.connector.app.inject({
    method,
    url: `/channels/${channel.id}${path}`,
    headers: { authorization },
    ...(body ? { payload: body } : {}),
  });
const disconnect = () => ask('POST', '/disconnect');
const reconnect = () => ask('POST', '/reconnect');
const listed = async (query = '') =>
  (
    await fixture.connector.app.inject({
      method: 'GET',
      url: `/channels${query}`,
      headers: { authorization: bearer(channel.tenantId) },
    })
  ).json<{ items: Channel[]; total: number }>();

const statuses = async () =>
  (await eventsOf<{ status: string }>(fixture, channel.tenantId, 'channel.status-changed')).map(({ status }) => status);
const audits = async () =>
  (await eventsOf<AuditEntry>(fixture, channel.tenantId, 'audit.recorded')).filter(
    ({ action }) => action !== 'channel.create',
  );
const webhook = async (wamid = `wamid.${randomUUID()}`) =>
  (
    await postFrames(fixture.connector, [
      frame(channel.id, payload(channel.phoneNumberId, { messages: [textMessage(wamid)] })),
    ])
  )[0];

describe('disconnecting a number', () => {
  test('sends and receives nothing, and is told once', async () => {
    expect((await disconnect()).json<Channel>()).toMatchObject({ status: 'disconnected', lastError: null });
    expect((await disconnect()).statusCode).toBe(200);
    expect(await webhook()).toBe(404);
    const { messageId } = await requestMessage(fixture, channel);
    expect(await untilState(fixture, messageId, 'failed')).toMatchObject({ error_code: 'channel_not_connected' });
    expect(await statuses()).toEqual(['connecting', 'connected', 'disconnected']);
    expect(await audits()).toMatchObject([
      {
        action: 'channel.disconnect',
        entityId: channel.id,
        changes: { status: { from: 'connected', to: 'disconnected' } },
      },
    ]);
  });

  test('by another copy counts for this one at its next send, not after its memory of the channel', async () => {
    const before = await requestMessage(fixture, channel);
    await untilState(fixture, before.messageId, 'sent');
    await fixture.sql`
      update channel_connector.channels set status = 'disconnected', claimed_provider_id = provider_id,
        provider_id = null, updated_at = now() where id = ${channel.id}`;
    const after = await requestMessage(fixture, channel);
    expect(await untilState(fixture, after.messageId, 'failed')).toMatchObject({ error_code: 'channel_not_connected' });
  });

  test('stays as the person wants it: no sweep and no late answer connects it', async () => {
    const { check } = fixture.connector.deps;
    const late = check.check(channel.id);
    await disconnect();
    await late;
    await check.check(channel.id);
    const { tenantId, id } = channel;
    expect(await check.report(tenantId, id, { status: 'error', reason: 'late', blockedUntil: null })).toBeNull();
    expect((await ask('GET', '')).json<Channel>().status).toBe('disconnected');
  });

  test('leaves the number to another tenant with a good token, and comes back by a new proof', async () => {
    await disconnect();
    const { phoneNumberId, accessToken } = channel;
    const other = bearer(randomUUID());
    const taken = await fixture.connector.app.inject({
      method: 'POST',
      url: '/channels',
      headers: { authorization: other },
      payload: channelBody({ phone: '+5511900009911', phoneNumberId, accessToken }),
    });
    expect(taken.json<Channel>().status).toBe('connected');
    expect((await reconnect()).json<Channel>().status).toBe('connected');
    expect(await webhook()).toBe(200);
  });
});

describe('reconnecting a number', () => {
  test('proves it again: it receives and sends as before, in the same channel', async () => {
    await disconnect();
    const again = (await reconnect()).json<Channel>();
    expect(again).toMatchObject({ id: channel.id, status: 'connected', lastError: null, health: { ok: true } });
    expect(await webhook()).toBe(200);
    const { messageId } = await requestMessage(fixture, channel);
    await untilState(fixture, messageId, 'sent');
    expect(await statuses()).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
    expect((await audits()).map(({ action }) => action)).toEqual(['channel.disconnect', 'channel.reconnect']);
  });

  test('with a token that works no more is an error with its reason', async () => {
    await rotateToken('a newer token');
    await disconnect();
    const again = (await reconnect()).json<Channel>();
    expect(again).toMatchObject({ status: 'error', health: { ok: false } });
    expect(again.lastError).toMatch(/access token/);
    expect(await webhook()).toBe(404);
  });

  test('of one that works asks the provider and tells nothing new', async () => {
    expect((await reconnect()).json<Channel>().status).toBe('connected');
    expect(await statuses()).toEqual(['connecting', 'connected']);
  });
});

const rotateToken = (accessToken: string) =>
  fixture.sandbox.control.addNumber({
    phoneNumberId: channel.phoneNumberId,
    displayPhoneNumber: channel.phone!,
    wabaId: '2000001',
    accessToken,
    appSecret: 'the app secret of tests',
  });

describe('changing a number', () => {
  test('its name and limits change, and an event says which', async () => {
    const answer = await ask('PUT', '', {
      name: 'Sales',
      dailyMessageLimit: 10,
      webhookUrl: 'https://example.com/hook',
    });
    expect(answer.json<Channel>()).toMatchObject({
      name: 'Sales',
      dailyMessageLimit: 10,
      webhookUrl: 'https://example.com/hook',
      ratePerMinute: 60_000,
      status: 'connected',
    });
    const [event] = await eventsOf<{ name: string; changed: string[] }>(fixture, channel.tenantId, 'channel.updated');
    expect(event).toMatchObject({ name: 'Sales', changed: ['name', 'dailyMessageLimit', 'webhookUrl'] });
    expect(await audits()).toMatchObject([
      { action: 'channel.update', changes: { name: { from: 'Support', to: 'Sales' } } },
    ]);
    await ask('PUT', '', { name: 'Sales' });
    expect(await audits()).toHaveLength(1);
  });

  test('a new token that works replaces the old one, and is shown nowhere', async () => {
    await rotateToken('canary-new-token');
    const answer = await ask('PUT', '', { credentials: { accessToken: 'canary-new-token' } });
    expect(answer.json<Channel>()).toMatchObject({ status: 'connected', lastError: null });
    const { messageId } = await requestMessage(fixture, channel);
    await untilState(fixture, messageId, 'sent');
    expect(await webhook()).toBe(200);
    expect(await audits()).toMatchObject([
      { action: 'channel.update', changes: { credentials: { from: '***', to: '***' } } },
    ]);
    const [outbox] = await fixture.sql`select string_agg(envelope, '') as text from channel_connector.outbox`;
    expect(answer.body + outbox!.text).not.toContain('canary-new-token');
  });

  test('a token that the provider refuses changes nothing: the number goes on with the old one', async () => {
    const answer = await ask('PUT', '', { name: 'Sales', credentials: { accessToken: 'mistyped' } });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error.details).toMatchObject([{ field: 'credentials', code: 'credentials' }]);
    expect((await ask('GET', '')).json<Channel>()).toMatchObject({ name: 'Support', status: 'connected' });
    const { messageId } = await requestMessage(fixture, channel);
    await untilState(fixture, messageId, 'sent');
    expect(await audits()).toEqual([]);
  });

  test('a bad field is named, another number is refused, and so is a webhook that leads inside', async () => {
    const fieldOf = async (body: object) => {
      const answer = await ask('PUT', '', body);
      return [answer.statusCode, answer.json().error.details[0].field];
    };
    expect(await fieldOf({ credentials: { accessToken: '' } })).toEqual([422, 'credentials.accessToken']);
    expect(await fieldOf({ credentials: { phoneNumberId: '424242' } })).toEqual([422, 'credentials']);
    expect(await fieldOf({ name: '' })).toEqual([422, 'name']);
    expect(await fieldOf({ webhookUrl: 'ftp://example.com' })).toEqual([422, 'webhookUrl']);
    expect((await ask('PUT', '', {})).statusCode).toBe(422);
  });
});

describe('removing a number', () => {
  test('it is in no list and sends and receives nothing, but its name is found for old chats', async () => {
    expect((await ask('DELETE', '')).statusCode).toBe(204);
    expect((await ask('GET', '')).statusCode).toBe(404);
    expect((await ask('DELETE', '')).statusCode).toBe(404);
    expect(await listed()).toEqual({ items: [], total: 0 });
    const { items } = await listed(`?ids=${channel.id}`);
    expect(items).toMatchObject([{ name: 'Support', phone: channel.phone, status: 'disconnected' }]);
    expect(items[0]!.removedAt).not.toBeNull();
    expect(await webhook()).toBe(404);
    const { messageId } = await requestMessage(fixture, channel);
    expect(await untilState(fixture, messageId, 'failed')).toMatchObject({ error_code: 'channel_not_found' });
    expect(await statuses()).toEqual(['connecting', 'connected', 'disconnected']);
    expect(await eventsOf(fixture, channel.tenantId, 'channel.removed')).toMatchObject([
      { channelId: channel.id, phone: channel.phone },
    ]);
    expect(await audits()).toMatchObject([{ action: 'channel.delete', entityId: channel.id }]);
  });

  test('its secrets are gone from the row, and no late answer brings it back', async () => {
    const { check } = fixture.connector.deps;
    const late = check.check(channel.id);
    await ask('DELETE', '');
    await late;
    const [row] = await fixture.sql`
      select credentials, provider_id, claimed_provider_id, phone, verify_token_digest, status
      from channel_connector.channels where id = ${channel.id}`;
    expect(row).toEqual({
      credentials: '',
      provider_id: null,
      claimed_provider_id: null,
      phone: null,
      verify_token_digest: '',
      status: 'disconnected',
    });
  });

  test('the same tenant connects the same phone and number anew, as another channel', async () => {
    await ask('DELETE', '');
    const { phone, phoneNumberId, accessToken, tenantId } = channel;
    const made = await fixture.connector.app.inject({
      method: 'POST',
      url: '/channels',
      headers: { authorization: bearer(tenantId) },
      payload: channelBody({ phone: phone!, phoneNumberId, accessToken }),
    });
    expect(made.json<Channel>()).toMatchObject({ status: 'connected', phone });
    expect(made.json<Channel>().id).not.toBe(channel.id);
  });
});

test('another tenant, and a person without the permission, change nothing', async () => {
  const calls: [Method, string, object?][] = [
    ['GET', '/health'],
    ['PUT', '', { name: 'Mine' }],
    ['POST', '/disconnect'],
    ['POST', '/reconnect'],
    ['DELETE', ''],
  ];
  for (const [method, path, body] of calls) {
    expect((await ask(method, path, body, bearer(randomUUID()))).statusCode).toBe(404);
    if (method === 'GET') continue;
    const reader = bearer(channel.tenantId, ['whatsapp.numbers.read']);
    expect((await ask(method, path, body, reader)).statusCode).toBe(403);
  }
  expect((await ask('GET', '')).json<Channel>()).toMatchObject({ name: 'Support', status: 'connected' });
  expect(await audits()).toEqual([]);
});

describe('the health of a number', () => {
  const tenantId = randomUUID();
  const get = async (path: string) =>
    (
      await fixture.connector.app.inject({ method: 'GET', url: path, headers: { authorization: bearer(tenantId) } })
    ).json<Channel>();
  const age = (id: string) => fixture.sql`
    update channel_connector.channels set checked_at = now() - interval '2 minutes' where id = ${id}`;
  let id: string;

  beforeAll(async () => {
    finding = { status: 'connected', reason: null };
    const made = await fixture.connector.app.inject({
      method: 'POST',
      url: '/channels',
      headers: { authorization: bearer(tenantId) },
      payload: { name: 'Scripted', provider: 'wppconnect', phone: '+5511955550001', credentials: { session: 's1' } },
    });
    id = made.json<Channel>().id;
  });

  test('is measured once a minute, and never by a list', async () => {
    const before = asked.length;
    await fixture.connector.app.inject({
      method: 'GET',
      url: '/channels',
      headers: { authorization: bearer(tenantId) },
    });
    const first = await get(`/channels/${id}/health`);
    expect(first.health).toMatchObject({ ok: true, responseMs: expect.any(Number), checkedAt: expect.any(String) });
    expect(asked.length).toBe(before);
    await age(id);
    const second = await get(`/channels/${id}/health`);
    expect(asked.length).toBe(before + 1);
    expect(Date.parse(second.health!.checkedAt!)).toBeGreaterThan(Date.parse(first.health!.checkedAt!) - 1000);
    await get(`/channels/${id}/health`);
    expect(asked.length).toBe(before + 1);
  });

  test('a provider that cannot be asked makes it unhealthy and leaves it connected', async () => {
    finding = { status: 'error', reason: 'no route', unreachable: true };
    await age(id);
    const away = await get(`/channels/${id}/health`);
    expect(away).toMatchObject({ status: 'connected', health: { ok: false, responseMs: null } });
    finding = { status: 'connected', reason: null };
    await age(id);
    expect((await get(`/channels/${id}/health`)).health).toMatchObject({ ok: true });
  });

  test('a provider that refuses it makes it an error', async () => {
    finding = { status: 'error', reason: 'The session has ended' };
    await age(id);
    expect(await get(`/channels/${id}/health`)).toMatchObject({
      status: 'error',
      lastError: 'The session has ended',
      health: { ok: false },
    });
    finding = { status: 'connected', reason: null };
  });

  test('of a working number is looked at again when ten minutes have passed', async () => {
    finding = { status: 'connected', reason: null };
    await fixture.sql`
      update channel_connector.channels set status = 'connected', last_error = null, checked_at = now() - interval '11 minutes'
      where id = ${id}`;
    const before = asked.length;
    await expect.poll(() => asked.length, { timeout: 5000 }).toBe(before + 1);
  });
});

/** limits.test.ts tries the first, verification.test.ts those of codes, this file the others. */
const TRIED = [
  ...['channel.create', 'channel.delete', 'channel.disconnect', 'channel.reconnect'],
  ...['channel.request_code', 'channel.update', 'channel.verify'],
];

test('the audit event of every change of a channel is looked at by a test', () => {
  const told = Object.values(connectorApi as Record<string, RouteContract>).flatMap(({ audit }) =>
    typeof audit === 'string' && audit.startsWith('channel.') ? [audit] : [],
  );
  expect(told.sort()).toEqual(TRIED);
});
