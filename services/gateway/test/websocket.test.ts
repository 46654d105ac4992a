import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  buildEvent,
  channelStatus,
  type Notification,
  notificationCreated,
  sessionRevoked,
  uuidv7,
} from '@recado/contracts';
import { type Bus, connectBus } from '@recado/messaging';
import { testBus, testLogger } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { until } from '../../../tests/support/api.ts';
import { attachRealtime, type Realtime } from '../src/realtime/attach.ts';
import { accessToken } from './access-token.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
let realtime: Realtime;
let bus: Bus;
let base: string;

beforeAll(async () => {
  const { url } = await testBus();
  gateway = await startTestGateway({ NATS_URL: url });
  bus = await connectBus({ url, name: 'test', log: testLogger() });
  for (const stream of ['conversation', 'channel-connector', 'identity'] as const) await bus.ensureStream(stream);
  realtime = attachRealtime(gateway.app, gateway.deps);
  await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  base = `127.0.0.1:${(gateway.app.server.address() as AddressInfo).port}`;
  await until('events to be heard', async () =>
    realtime.ready.realtime!().then(
      () => true,
      () => null,
    ),
  );
});
afterAll(async () => {
  await realtime?.stop();
  await bus?.close();
  await gateway?.close();
});

const { tenant, user } = samples;
const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

type Frame = Record<string, unknown> & { type: string };

function connect(path = `/scheduler/ws/${user.id}`, options: ClientOptions = {}) {
  const socket = new WebSocket(`ws://${base}${path}`, options);
  open.push(socket);
  const heard: Frame[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Frame));
  socket.on('error', () => undefined);
  return {
    socket,
    heard,
    say: (frame: unknown) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    wait: (type: string) => until(type, async () => heard.find((frame) => frame.type === type)),
    closed: async () => {
      const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
      return [code, String(reason)];
    },
  };
}

async function known(token = accessToken(gateway.fakes, { aud: 'scheduler' }), path?: string, options?: ClientOptions) {
  const client = connect(path, options);
  await once(client.socket, 'open');
  client.say({ type: 'auth', token });
  await client.wait('session_ready');
  return client;
}

const publish = async ({ subject, envelope }: ReturnType<typeof buildEvent>) => {
  await bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
};

const notification: Notification = {
  id: uuidv7(),
  userId: user.id,
  kind: 'broadcast.finished',
  type: 'success',
  params: { name: 'Promo', sent: 98, total: 100 },
  relatedEntityType: 'broadcast',
  relatedEntityId: uuidv7(),
  isRead: false,
  createdAt: '2026-01-15T10:00:00.000Z',
};
const notify = (userId: string, tenantId = tenant.id) =>
  publish(buildEvent(notificationCreated, { tenantId, data: { notification: { ...notification, userId } } }));

describe('the scheduler’s WebSocket', () => {
  it('answers pings, and sends notifications only to their user', async () => {
    const client = await known();
    client.say({ type: 'ping' });
    expect(await client.wait('pong')).toEqual({ type: 'pong' });
    await notify(uuidv7());
    await notify(user.id, uuidv7());
    await notify(user.id);
    expect(await client.wait('new_notification')).toEqual({
      type: 'new_notification',
      last_event_id: expect.any(String),
      notification: {
        id: notification.id,
        type: 'success',
        title: 'Envío completado',
        message: 'El envío "Promo" terminó: 98 de 100 mensajes enviados',
        is_read: false,
        related_entity_type: 'message',
        related_entity_id: notification.relatedEntityId,
        created_at: notification.createdAt,
        timestamp: notification.createdAt,
      },
    });
    expect(client.heard.filter(({ type }) => type === 'new_notification')).toHaveLength(1);
  });

  it.each([
    ['connected', 'connected'],
    ['qr', 'qr_needed'],
    ['error', 'disconnected'],
  ] as const)('tells a channel that is %s as %s', async (status, shown) => {
    const client = await known();
    const channelId = uuidv7();
    const data = { channelId, name: 'Ventas', provider: 'meta' as const, phone: '+51999123456', reason: null };
    const at = new Date().toISOString();
    await publish(buildEvent(channelStatus, { tenantId: tenant.id, data: { ...data, status, at } }));
    const told = await until('the state', async () => client.heard.find((frame) => frame.connection_id === channelId));
    expect(told).toMatchObject({ type: 'whatsapp_status', status: shown });
  });

  it('shows a phone that waits to be linked when a client connects, with its code to those who may link', async () => {
    const code = { qr: 'data:image/png;base64,QQ==', pairingCode: null, expiresAt: '2030-01-01T00:00:00.000Z' };
    const before = { ...samples.channel };
    Object.assign(samples.channel, { status: 'qr', code });
    try {
      const shown = { type: 'whatsapp_status', status: 'qr_needed', connection_id: before.id };
      const admin = await known();
      const withCode = await until('the code', async () => admin.heard.find(({ qr_code }) => qr_code !== undefined));
      expect(withCode).toMatchObject({ ...shown, qr_code: code.qr });
      const reader = await known(accessToken(gateway.fakes, { aud: 'scheduler', perms: ['whatsapp.numbers.read'] }));
      expect(await reader.wait('whatsapp_status')).toMatchObject(shown);
      reader.say({ type: 'ping' });
      await reader.wait('pong');
      expect(reader.heard.filter(({ qr_code }) => qr_code !== undefined)).toEqual([]);
    } finally {
      Object.assign(samples.channel, { code: undefined }, before);
    }
  });

  it('is also at its own host’s root, and accepts tokens of every edition', async () => {
    const options = { headers: { host: 'scheduler.localhost' } };
    const client = await known(accessToken(gateway.fakes, { aud: 'crm' }), `/ws/${user.id}`, options);
    await notify(user.id);
    expect(await client.wait('new_notification')).toMatchObject({ notification: { type: 'success' } });
  });

  it.each<[string, unknown]>([
    ['no token', { type: 'ping' }],
    ['a token that is none', { type: 'auth', token: 'x.y.z' }],
    ['no JSON', 'hello'],
    ['an expired token', () => ({ type: 'auth', token: accessToken(gateway.fakes, { expiresIn: -60 }) })],
  ])('closes with 4401 for %s', async (_what, frame) => {
    const client = connect();
    await once(client.socket, 'open');
    const closed = client.closed();
    client.say(typeof frame === 'function' ? (frame as () => unknown)() : frame);
    expect((await closed)[0]).toBe(4401);
    expect(client.heard).toEqual([]);
  });

  it('closes with 4401 on another user’s path, and without an auth frame', async () => {
    const other = connect(`/scheduler/ws/${uuidv7()}`);
    const silent = connect();
    const answers = [other.closed(), silent.closed()];
    await once(other.socket, 'open');
    other.say({ type: 'auth', token: accessToken(gateway.fakes) });
    expect(await answers[0]).toEqual([4401, 'other_user']);
    expect(await answers[1]).toEqual([4401, 'auth_timeout']);
  });

  it('closes when the session is revoked', async () => {
    const sid = uuidv7();
    const client = await known(accessToken(gateway.fakes, { sid }));
    const closed = client.closed();
    await publish(buildEvent(sessionRevoked, { tenantId: tenant.id, data: { userId: user.id, sessionId: sid } }));
    expect(await closed).toEqual([4401, 'session_revoked']);
    expect(client.heard.at(-1)).toEqual({ type: 'session_closed', reason: 'session_revoked' });
  });

  it('closes when the token expires', async () => {
    const client = await known(accessToken(gateway.fakes, { expiresIn: 2 }));
    expect(await client.closed()).toEqual([4401, 'token_expired']);
  });

  it('continues after an invalid frame, and closes after too many', async () => {
    const client = await known();
    client.say('{"no":"type"}');
    expect(await client.wait('error')).toMatchObject({ message: 'El mensaje no es válido' });
    client.say({ type: 'ping' });
    await client.wait('pong');
    const closed = client.closed();
    for (let i = 0; i < 200; i++) client.say({ type: 'ping' });
    expect(await closed).toEqual([1008, 'too_many_events']);
  });

  it.each([
    ['a foreign page', `/scheduler/ws/${user.id}`, { origin: 'https://evil.example' }, 403],
    ['an id that can’t be one', '/scheduler/ws/1', {}, 404],
  ])('refuses %s before it is a socket', async (_what, path, options, status) => {
    const client = connect(path, options);
    const [, response] = (await once(client.socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(status);
  });

  it('accepts pages of known origins', async () => {
    await known(undefined, undefined, { origin: 'http://localhost:5173' });
  });

  it('answers other upgrades as ordinary requests', async () => {
    const client = connect('/scheduler/other');
    const [, response] = (await once(client.socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(404);
  });
});
