import { randomUUID } from 'node:crypto';
import type { Channel } from '@recado/contracts';
import { EVOLUTION_KEY, WPPCONNECT_SECRET } from '@recado/sandbox';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, createFixture, eventsOf, type Fixture, requestMessage, untilState } from './support.ts';

/** The life of a linked phone, with both providers on the installation's own servers. */
let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
  const { evolutionUrl, wppconnectUrl } = fixture.sandbox;
  const connector = await fixture.start({
    RECADO_EVOLUTION_URL: evolutionUrl,
    RECADO_EVOLUTION_KEY: EVOLUTION_KEY,
    RECADO_WPPCONNECT_URL: wppconnectUrl,
    RECADO_WPPCONNECT_SECRET: WPPCONNECT_SECRET,
  });
  // The first copy knows no servers; its sweep must not look at these numbers.
  await fixture.connector.stop();
  fixture.edge.to(connector);
  fixture.connector = connector;
  await fixture.sandbox.control.setBehaviour({ web: { connectMs: 1 }, webhook: { retryFirstMs: 20 } });
});
afterAll(() => fixture.stop());

type Name = 'evolution' | 'wppconnect';
const PROVIDERS: Name[] = ['evolution', 'wppconnect'];

const ask = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, tenantId: string, payload?: object) =>
  fixture.connector.app.inject({ method, url, headers: { authorization: bearer(tenantId) }, payload });

async function create(provider: Name, more: object = {}) {
  const tenantId = randomUUID();
  const response = await ask('POST', '/channels', tenantId, { name: 'Shop', provider, ratePerMinute: 60_000, ...more });
  expect(response.statusCode).toBe(201);
  const channel = response.json<Channel>();
  const session = fixture.sandbox.control.session(provider, channel.key);
  return { ...channel, tenantId, session };
}

const get = async (channel: { id: string; tenantId: string }) =>
  (await ask('GET', `/channels/${channel.id}`, channel.tenantId)).json<Channel>();
const untilStatus = (channel: { id: string; tenantId: string }, status: Channel['status']) =>
  eventually(async () => {
    const now = await get(channel);
    if (now.status !== status) throw new Error(`${now.status} (${now.lastError}), not ${status}`);
    return now;
  });
const look = (channel: { id: string }) => fixture.connector.deps.check.check(channel.id);
const statuses = async ({ tenantId }: { tenantId: string }) =>
  (await eventsOf<{ status: string }>(fixture, tenantId, 'channel.status-changed')).map(({ status }) => status);

describe.each(PROVIDERS)('a phone on the installation’s %s server', (provider) => {
  test('is linked by the code that the answer shows, and receives and sends', async () => {
    const channel = await create(provider);
    expect(channel).toMatchObject({ status: 'qr', phone: null, lastError: null });
    expect(channel.code!.qr).toMatch(/^data:image\/png;base64,iVBORw0KGgo/);
    await channel.session.scan({ phone: '5511955550101' });
    expect(await untilStatus(channel, 'connected')).toMatchObject({ phone: '+5511955550101', code: null });
    await channel.session.says({ from: '5511977770001', text: 'Oi' });
    await eventually(async () =>
      expect(await eventsOf(fixture, channel.tenantId, 'message.received')).toMatchObject([{ content: 'Oi' }]),
    );
    const { messageId } = await requestMessage(fixture, channel);
    await untilState(fixture, messageId, 'sent');
    expect(await statuses(channel)).toEqual(['connecting', 'qr', 'connected']);
  });

  test('has a new code as soon as the provider replaces it, told live and shown to those who may link', async () => {
    await fixture.sandbox.control.setBehaviour({ web: { qrMs: 300 } });
    const channel = await create(provider);
    const codes = () => eventsOf<{ code: { qr: string } }>(fixture, channel.tenantId, 'channel.code-changed');
    await eventually(async () => expect(new Set((await codes()).map(({ code }) => code.qr)).size).toBeGreaterThan(1));
    await fixture.sandbox.control.setBehaviour({ web: { qrMs: 60_000 } });
    const reader = { authorization: bearer(channel.tenantId, ['whatsapp.numbers.read']) };
    const seen = await fixture.connector.app.inject({ url: `/channels/${channel.id}`, headers: reader });
    expect(seen.json()).toMatchObject({ status: 'qr', code: null });
    const shown = await ask('GET', `/channels/${channel.id}/code`, channel.tenantId);
    expect(shown.json()).toMatchObject({ status: 'qr', code: { qr: expect.stringMatching(/^data:image/) } });
    expect((await ask('GET', `/channels/${channel.id}/code`, randomUUID())).statusCode).toBe(404);
  });

  test('that is not scanned ends without an error, and a new start brings a new code', async () => {
    const channel = await create(provider);
    await fixture.sql`
      update channel_connector.channels set link_begun_at = now() - interval '10 minutes' where id = ${channel.id}`;
    await look(channel);
    const ended = await get(channel);
    expect(ended).toMatchObject({ status: 'disconnected', lastError: expect.stringContaining('in time'), code: null });
    await eventually(async () => expect((await channel.session.view()).qr).toBeNull());
    const shown = await ask('GET', `/channels/${channel.id}/code`, channel.tenantId);
    expect(shown.json()).toEqual({ status: 'disconnected', code: null });
    const again = await ask('POST', `/channels/${channel.id}/reconnect`, channel.tenantId);
    expect(again.json<Channel>().code?.qr).not.toBe(channel.code!.qr);
    await channel.session.scan();
    await untilStatus(channel, 'connected');
  });

  test('is logged out by a disconnection, and deleted with its channel', async () => {
    const channel = await create(provider);
    await channel.session.scan();
    await untilStatus(channel, 'connected');
    expect((await ask('POST', `/channels/${channel.id}/disconnect`, channel.tenantId)).json()).toMatchObject({
      status: 'disconnected',
      lost: { reason: null },
    });
    await eventually(async () => expect((await channel.session.view()).phone).toBeNull());
    expect((await ask('DELETE', `/channels/${channel.id}`, channel.tenantId)).statusCode).toBe(204);
    await eventually(async () => {
      const [row] = await fixture.sql`
        select credentials, link_order from channel_connector.channels where id = ${channel.id}`;
      expect(row).toEqual({ credentials: '', link_order: null });
    });
  });

  test('is linked by letters to type when the person wants that', async () => {
    const channel = await create(provider, { connect: false, phone: '+5511944442222' });
    expect(channel).toMatchObject({ status: 'disconnected', code: null });
    await ask('POST', `/channels/${channel.id}/reconnect?code=pairing`, channel.tenantId);
    const waiting = await eventually(async () => {
      const now = await get(channel);
      expect(now.code?.pairingCode).toMatch(/^[0-9A-Z]{8}$/);
      return now;
    });
    expect(waiting.status).toBe('qr');
    await look(channel);
    expect((await get(channel)).code?.pairingCode).toBe((await channel.session.view()).pairingCode);
  });

  test('is refused and logged out when it is not the number’s own, which links afterwards', async () => {
    const phone = provider === 'evolution' ? '+5511944443331' : '+5511944443332';
    const channel = await create(provider, { phone });
    // A phone that is linked before a code of ours was known is not ours to log out.
    await untilStatus(channel, 'qr');
    await channel.session.scan({ phone: '5511955550909' });
    const refused = await untilStatus(channel, 'disconnected');
    expect(refused).toMatchObject({ phone, lastError: expect.stringMatching(/\+5511955550909.*\+55119444/) });
    await eventually(async () => expect((await channel.session.view()).phone).toBeNull());
    expect(await statuses(channel)).not.toContain('connected');
    await ask('POST', `/channels/${channel.id}/reconnect`, channel.tenantId);
    await untilStatus(channel, 'qr');
    await channel.session.scan({ phone: phone.slice(1) });
    expect(await untilStatus(channel, 'connected')).toMatchObject({ phone, lastError: null });
  });

  test('works on after a change of its credentials, which keeps what the connector noted', async () => {
    const channel = await create(provider);
    await channel.session.scan();
    await untilStatus(channel, 'connected');
    const noted = async () => {
      const [row] = await fixture.sql`select credentials from channel_connector.channels where id = ${channel.id}`;
      const { hosted, made } = JSON.parse(fixture.connector.deps.sealer.open(row!.credentials, channel.id));
      return { hosted, made };
    };
    const before = await noted();
    expect(before).toMatchObject({ hosted: true, ...(provider === 'evolution' && { made: true }) });
    const credentials = { webhookSecret: `a-new-secret-${randomUUID()}` };
    const answer = await ask('PUT', `/channels/${channel.id}`, channel.tenantId, { credentials });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(await noted()).toEqual(before);
    await untilStatus(channel, 'connected');
    await channel.session.says({ from: '5511977770009', text: 'Oi de novo' });
    await eventually(async () =>
      expect(await eventsOf(fixture, channel.tenantId, 'message.received')).toMatchObject([{ content: 'Oi de novo' }]),
    );
  });
});

test('a browser that dies is started again, without a scan', async () => {
  const channel = await create('wppconnect');
  await channel.session.scan();
  await untilStatus(channel, 'connected');
  await channel.session.disconnect({ reason: 'network' });
  expect(await untilStatus(channel, 'connecting')).toMatchObject({ lost: { reason: expect.any(String) } });
  await fixture.sql`update channel_connector.channels set link_due_at = now() where id = ${channel.id}`;
  await untilStatus(channel, 'connected');
});

test('a phone that its owner logs out is an error with its reason, and no code is shown for it', async () => {
  const channel = await create('evolution');
  await channel.session.scan();
  await untilStatus(channel, 'connected');
  await channel.session.disconnect({ reason: 'logout' });
  expect(await untilStatus(channel, 'error')).toMatchObject({
    lost: { at: expect.any(String), reason: expect.stringContaining('QR code') },
    code: null,
  });
});

test('a server that is away is tried again, and the instance is made once it is back', async () => {
  const serverUrl = 'http://127.0.0.1:9';
  const credentials = { serverUrl, instanceName: 'late', apiKey: EVOLUTION_KEY };
  const channel = await create('evolution', { credentials });
  expect(channel).toMatchObject({ status: 'connecting', lastError: expect.stringContaining('could not be reached') });
  const order = await fixture.sql`
    select link_order, link_due_at > now() as later from channel_connector.channels where id = ${channel.id}`;
  expect(order).toEqual([{ link_order: 'begin', later: true }]);
});

test('without a server of the installation the credentials are asked for', async () => {
  const bare = await fixture.start();
  const response = await bare.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(randomUUID()) },
    payload: { name: 'Shop' },
  });
  expect(response.statusCode).toBe(422);
  expect(response.json().error.details).toMatchObject([{ field: 'provider' }]);
  await bare.stop();
});
