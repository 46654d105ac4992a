import { randomUUID } from 'node:crypto';
import type { Channel } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunningConnector } from '../src/service.ts';
import {
  APP_SECRET,
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

const RECEIVED = 'message.received';
const STATUS = 'channel.status-changed';
/** Signs for channels without a secret of their own, as on an installation with one app for all. */
const INSTALLATION_SECRET = 'the secret of the one app';

let fixture: Fixture;
let connector: RunningConnector;
beforeAll(async () => {
  fixture = await createFixture({ RECADO_META_APP_SECRET: INSTALLATION_SECRET });
  connector = fixture.connector;
});
afterAll(() => fixture.stop());

let owner: TestChannel;
beforeEach(async () => {
  owner = await createChannel(fixture);
});

let phones = 0;
const freePhone = () => `+55119555${String(++phones).padStart(5, '0')}`;

/** Another tenant connects the owner's number with a token. */
async function claim(accessToken: string, tenantId: string = randomUUID(), appSecret: string | null = null) {
  const body = channelBody({ phone: freePhone(), phoneNumberId: owner.phoneNumberId, accessToken });
  const { appSecret: _, ...credentials } = body.credentials;
  const response = await connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(tenantId) },
    payload: { ...body, credentials: appSecret === null ? credentials : { ...credentials, appSecret } },
  });
  expect(response.statusCode, response.body).toBe(201);
  return { ...response.json<Channel>(), tenantId };
}

async function look(tenantId: string, id: string): Promise<Channel> {
  const headers = { authorization: bearer(tenantId) };
  return (await connector.app.inject({ method: 'GET', url: `/channels/${id}`, headers })).json<Channel>();
}

let wamids = 0;
const message = () => payload(owner.phoneNumberId, { messages: [textMessage(`wamid.claim.${++wamids}`)] });
const received = async (tenantId: string) => (await eventsOf(fixture, tenantId, RECEIVED)).length;

/** A company moves its number to an app with another token; the old token works no more. */
const rotateToken = (accessToken: string) =>
  fixture.sandbox.control.addNumber({
    phoneNumberId: owner.phoneNumberId,
    displayPhoneNumber: owner.phone!,
    wabaId: '2000001',
    accessToken,
    appSecret: APP_SECRET,
  });

describe('a claim that no token proved', () => {
  test('does not hold the number, and its owner can connect it', async () => {
    const phoneNumberId = '77001';
    const squatted = channelBody({ phone: freePhone(), phoneNumberId, accessToken: 'garbage' });
    const headers = { authorization: bearer(randomUUID()) };
    const squatter = await connector.app.inject({ method: 'POST', url: '/channels', headers, payload: squatted });
    expect(squatter.json<Channel>().status).toBe('error');
    const number = { phoneNumberId, displayPhoneNumber: '+5511900007700', wabaId: '2000001', appSecret: APP_SECRET };
    await fixture.sandbox.control.addNumber({ ...number, accessToken: 'token of its owner' });
    const own = await connector.app.inject({
      method: 'POST',
      url: '/channels',
      headers: { authorization: bearer(randomUUID()) },
      payload: channelBody({ phone: '+5511900007700', phoneNumberId, accessToken: 'token of its owner' }),
    });
    expect([own.statusCode, own.json<Channel>().status]).toEqual([201, 'connected']);
  });

  test('shows the reason in its status, and changes nothing for the number’s owner', async () => {
    const thief = await claim('garbage');
    expect(thief).toMatchObject({ status: 'error', providerId: owner.phoneNumberId, lastConnectedAt: null });
    expect(thief.lastError).toMatch(/access token/);
    expect((await look(owner.tenantId, owner.id)).status).toBe('connected');
  });

  test('gets no webhooks by its path, by the number or with its own secret', async () => {
    const thief = await claim('garbage');
    const other = await claim('garbage', randomUUID(), 'the thief’s own secret');
    const before = await received(owner.tenantId);
    const statuses = await postFrames(connector, [
      frame(null, message(), APP_SECRET),
      frame(thief.id, message(), INSTALLATION_SECRET),
      frame(null, message(), INSTALLATION_SECRET),
      frame(other.id, message(), 'the thief’s own secret'),
      frame(null, message(), 'the thief’s own secret'),
    ]);
    expect(statuses).toEqual([200, 404, 401, 404, 401]);
    expect(await received(thief.tenantId)).toBe(0);
    expect(await received(other.tenantId)).toBe(0);
    expect(await received(owner.tenantId)).toBe(before + 1);
  });

  test('sends nothing: its messages fail with the reason', async () => {
    const thief = await claim('garbage');
    const { messageId } = await requestMessage(fixture, { ...owner, id: thief.id, tenantId: thief.tenantId });
    const row = await untilState(fixture, messageId, 'failed');
    expect(row).toMatchObject({ error_code: 'channel_not_connected', error_message: thief.lastError, attempts: 1 });
    const sent = await fixture.sandbox.control.ledgerMessages();
    expect(sent.filter(({ phoneNumberId }) => phoneNumberId === owner.phoneNumberId)).toEqual([]);
  });

  test('is connected again by its tenant with the same phone, then as the same channel with a good token', async () => {
    const tenantId = randomUUID();
    const body = channelBody({ phone: freePhone(), phoneNumberId: owner.phoneNumberId, accessToken: 'mistyped' });
    const headers = { authorization: bearer(tenantId) };
    const connect = (accessToken: string) =>
      connector.app.inject({
        method: 'POST',
        url: '/channels',
        headers,
        payload: { ...body, credentials: { ...body.credentials, accessToken } },
      });
    const first = (await connect('mistyped')).json<Channel>();
    const second = (await connect(owner.accessToken)).json<Channel>();
    expect([first.status, second.status]).toEqual(['error', 'connected']);
    expect(second.id).toBe(first.id);
  });
});

describe('a proven number', () => {
  test('moves to the tenant that proves it, and the old tenant gets the reason', async () => {
    await postFrames(connector, [frame(null, message())]);
    const past = await received(owner.tenantId);
    await rotateToken('token of the new app');
    const taker = await claim('token of the new app', randomUUID(), APP_SECRET);
    expect(taker.status).toBe('connected');

    const lost = await look(owner.tenantId, owner.id);
    expect(lost).toMatchObject({ status: 'disconnected', providerId: owner.phoneNumberId });
    expect(lost.lastError).toMatch(/Another account proved/);
    const told = await eventsOf<{ channelId: string; status: string; reason: string }>(fixture, owner.tenantId, STATUS);
    expect(told.at(-1)).toMatchObject({ channelId: owner.id, status: 'disconnected', reason: lost.lastError });
    const audit = await eventsOf<{ action: string; entityId: string }>(fixture, owner.tenantId, 'audit.recorded');
    expect(audit.at(-1)).toMatchObject({ action: 'channel.release', entityId: owner.id });

    const statuses = await postFrames(connector, [frame(null, message()), frame(owner.id, message())]);
    expect(statuses).toEqual([200, 404]);
    expect(await received(taker.tenantId)).toBe(1);
    expect(await received(owner.tenantId)).toBe(past);
  });

  test('with the installation’s secret reaches only the tenant that proved it', async () => {
    await rotateToken('token of the installation');
    const bystander = await claim('garbage');
    const taker = await claim('token of the installation');
    await postFrames(connector, [frame(null, message(), INSTALLATION_SECRET)]);
    expect(await received(taker.tenantId)).toBe(1);
    expect(await received(bystander.tenantId)).toBe(0);
  });

  test('stays where it is when its token stops working', async () => {
    await rotateToken('another');
    await fixture.sql`
      update channel_connector.channels set status = 'error', checked_at = null, created_at = now() - interval '2 minutes'
      where id = ${owner.id}`;
    await eventually(async () => expect((await look(owner.tenantId, owner.id)).lastError).toMatch(/access token/));
    expect(await postFrames(connector, [frame(owner.id, message()), frame(null, message())])).toEqual([200, 200]);
  });

  test('does not return by itself to a tenant with a working token, but does when it is connected again', async () => {
    const taker = await claim(owner.accessToken, randomUUID(), APP_SECRET);
    await fixture.sql`
      update channel_connector.channels set status = 'error', checked_at = null, created_at = now() - interval '2 minutes'
      where id = ${owner.id}`;
    await eventually(async () => expect((await look(owner.tenantId, owner.id)).status).toBe('disconnected'));
    expect((await look(taker.tenantId, taker.id)).status).toBe('connected');

    const again = channelBody({
      phone: owner.phone!,
      phoneNumberId: owner.phoneNumberId,
      accessToken: owner.accessToken,
    });
    const headers = { authorization: bearer(owner.tenantId) };
    const back = await connector.app.inject({ method: 'POST', url: '/channels', headers, payload: again });
    expect(back.json<Channel>()).toMatchObject({ id: owner.id, status: 'connected' });
    expect((await look(taker.tenantId, taker.id)).status).toBe('disconnected');
  });

  test('claimed by ten tenants with good tokens at once ends with exactly the last claim', async () => {
    const copy = await fixture.start({ RECADO_META_APP_SECRET: INSTALLATION_SECRET });
    const claims = await Promise.all(Array.from({ length: 10 }, () => claim(owner.accessToken)));
    const rows = await fixture.sql<{ id: string; status: string; held: boolean }[]>`
      select id, status, provider_id is not null as held from channel_connector.channels
      where claimed_provider_id = ${owner.phoneNumberId} order by date_trunc('milliseconds', claimed_at), id`;
    expect(rows).toHaveLength(11);
    expect(rows.map(({ held }) => held)).toEqual([...Array(10).fill(false), true]);
    expect(rows.map(({ status }) => status)).toEqual([...Array(10).fill('disconnected'), 'connected']);
    expect(claims.map(({ id }) => id)).toContain(rows.at(-1)!.id);
    await copy.stop();
  });

  test('stays with a channel from before claims existed, if that was ever connected', async () => {
    const never = await createChannel(fixture);
    await fixture.sql`
      update channel_connector.channels set claimed_provider_id = null, claimed_at = null
      where id in ${fixture.sql([owner.id, never.id])}`;
    await fixture.sql`
      update channel_connector.channels set last_connected_at = null, status = 'error', checked_at = now()
      where id = ${never.id}`;
    const copy = await fixture.start();
    const about = (channel: TestChannel) =>
      frame(null, payload(channel.phoneNumberId, { messages: [textMessage(`wamid.old.${channel.id}`)] }));
    expect(await postFrames(copy, [about(owner), about(never)])).toEqual([200, 404]);
    await copy.stop();
  });
});
