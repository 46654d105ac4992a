import { buildEvent, messageCreated, PLANS, uuidv7 } from '@recado/contracts';
import { eventually, testLogger, testRedis } from '@recado/testkit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisGate } from '../src/limits/redis-gate.ts';
import { createHandshakeLimiter } from '../src/realtime/sockets/handshake-limiter.ts';
import { createSocketSlots, type SocketSlots, TooManySockets } from '../src/realtime/sockets/socket-slots.ts';
import { createTenantQueues } from '../src/realtime/tenant-queues.ts';
import { accessToken } from './access-token.ts';
import { samples } from './samples.ts';
import { connectSocket, type SocketGateway, startSocketGateway, type TestSocket } from './sockets.ts';

/** Small limits: of `pro`, two sockets a person. */
const FACTOR = 0.1;
let server: SocketGateway;
const open: TestSocket[] = [];
beforeAll(async () => {
  server = await startSocketGateway({ RECADO_RATE_LIMIT_FACTOR: String(FACTOR) });
});
afterAll(async () => {
  for (const socket of open) socket.close();
  await server?.stop();
});

async function connect(edition: 'crm' | 'inbox' | 'scheduler', tid: string, sub = uuidv7()): Promise<TestSocket> {
  const token = accessToken(server.gateway.fakes, { aud: edition, tid, sub });
  const socket = await connectSocket(server.host, edition, token, { userId: sub });
  open.push(socket);
  return socket;
}

/** A message that a user of the tenant wrote: crm looks their name up. */
async function say(tenantId: string, content: string): Promise<void> {
  const { message, conversation, channel } = samples;
  const { subject, envelope } = buildEvent(messageCreated, {
    tenantId,
    data: {
      message: { ...message, id: uuidv7(), userId: uuidv7(), content },
      conversation: { ...conversation, channelId: channel.id, isNew: false },
      contact: conversation.contact,
    },
  });
  await server.bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
}

const contents = (socket: TestSocket) =>
  socket.heard
    .filter(([name]) => name === 'chat.message')
    .map(([, { message }]) => (message as { content: string }).content);

describe('a tenant whose look-ups are slow', () => {
  it('delays no event of another, and gets its own in order without the names', async () => {
    const [slow, quick] = [uuidv7(), uuidv7()];
    const [ofSlow, ofQuick] = [await connect('crm', slow), await connect('crm', quick)];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.gateway.fakes.beforeUsers = async (tenantId) => (tenantId === slow ? held : undefined);
    try {
      for (let i = 0; i < 5; i++) await say(slow, `lento ${i}`);
      await say(quick, 'rápido');
      await eventually(() => expect(contents(ofQuick)).toEqual(['rápido']));
      // Identity still answers nothing about the slow one: its events are shown all the same.
      await eventually(() => expect(contents(ofSlow)).toEqual([0, 1, 2, 3, 4].map((i) => `lento ${i}`)));
    } finally {
      release();
      server.gateway.fakes.beforeUsers = async () => {};
    }
  });
});

describe('the queues of tenants', () => {
  it('drop events beyond their limit, and report it after the handled ones', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const seen: string[] = [];
    const queues = createTenantQueues<number>({
      batchSize: 2,
      maxWaiting: 5,
      async handle(tenantId, items) {
        if (tenantId === 'a') await held;
        seen.push(`${tenantId} ${items.join()}`);
      },
      onOverflow: (tenantId, last) => seen.push(`${tenantId} lost up to ${last}`),
    });
    for (let i = 1; i <= 8; i++) queues.push('a', i);
    for (let i = 1; i <= 3; i++) queues.push('b', i);
    await eventually(() => expect(seen).toEqual(['b 1', 'b 2,3']));
    release();
    await queues.idle();
    expect(seen.slice(2)).toEqual(['a 1', 'a lost up to 7', 'a 8']);
  });
});

describe('sockets', () => {
  const perUser = PLANS.pro.sockets.perUser * FACTOR;

  it('beyond the plan’s number for a user are refused by Socket.IO with the limit, until one is closed', async () => {
    const [tid, sub] = [uuidv7(), uuidv7()];
    const mine = [await connect('inbox', tid, sub), await connect('crm', tid, sub)];
    expect(mine).toHaveLength(perUser);
    const refused = (await connect('inbox', tid, sub).catch((error: Error) => error)) as Error & { data: unknown };
    expect(refused.message).toBe('too_many_sockets');
    expect(refused.data).toEqual({
      message: 'Você atingiu o limite do seu plano atual',
      code: 'plan_limit',
      event: 'connect',
      scope: 'user',
      limit: perUser,
    });
    // Other people of the company are not touched.
    await connect('inbox', tid);
    mine[0]!.close();
    await eventually(async () => expect(await connect('inbox', tid, sub)).toBeDefined());
  });

  it('beyond it are closed with 4429 by the WebSocket', async () => {
    const [tid, sub] = [uuidv7(), uuidv7()];
    for (let i = 0; i < perUser; i++) await connect('scheduler', tid, sub);
    await expect(connect('scheduler', tid, sub)).rejects.toThrow('4429 too_many_sockets');
  });
});

describe('the plan’s sockets', () => {
  let redis: Redis;
  const made: SocketSlots[] = [];
  beforeAll(async () => {
    redis = new Redis((await testRedis()).url, { maxRetriesPerRequest: 0, enableOfflineQueue: true });
  });
  afterAll(() => {
    for (const slots of made) slots.stop();
    redis?.disconnect();
  });
  function createSlots(client: Redis, factor: number, ttlMs = 60_000): SocketSlots {
    const gate = createRedisGate(client, testLogger());
    const slots = createSocketSlots({ redis: client, gate, findPlan: () => 'basic', factor, ttlMs });
    made.push(slots);
    return slots;
  }
  const holder = (tenantId: string, userId = uuidv7()) => ({ id: uuidv7(), tenantId, userId, edition: 'crm' as const });

  it('are counted over all gateways, for a user and for a company', async () => {
    // Of `basic`: 1 of a person, 3 of a company.
    const [one, other] = [createSlots(redis, 0.03), createSlots(redis, 0.03)];
    const tenantId = uuidv7();
    const first = holder(tenantId);
    await one.take(first);
    await expect(other.take({ ...first, id: uuidv7() })).rejects.toMatchObject({ scope: 'user', limit: 1 });
    await other.take(holder(tenantId));
    const giveBack = await one.take(holder(tenantId));
    await expect(other.take(holder(tenantId))).rejects.toMatchObject({ scope: 'tenant', limit: 3 });
    await other.take(holder(uuidv7()));
    giveBack();
    giveBack();
    await eventually(async () => expect(await other.take(holder(tenantId))).toBeInstanceOf(Function));
    await expect(other.take(holder(tenantId))).rejects.toBeInstanceOf(TooManySockets);
  });

  it('of a killed gateway are free again, and those of a living one are kept', async () => {
    const [dead, living] = [createSlots(redis, 0.02, 600), createSlots(redis, 0.02, 600)];
    const tenantId = uuidv7();
    await dead.take(holder(tenantId));
    await living.take(holder(tenantId));
    await expect(living.take(holder(tenantId))).rejects.toMatchObject({ scope: 'tenant', limit: 2 });
    dead.stop();
    await eventually(async () => expect(await living.take(holder(tenantId))).toBeInstanceOf(Function));
    await expect(living.take(holder(tenantId))).rejects.toBeInstanceOf(TooManySockets);
  });

  it('are counted by each gateway while Redis is away', async () => {
    const away = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    away.on('error', () => {});
    const slots = createSlots(away, 0.03);
    const mine = holder(uuidv7());
    const giveBack = await slots.take(mine);
    await expect(slots.take({ ...mine, id: uuidv7() })).rejects.toMatchObject({ scope: 'user', limit: 1 });
    giveBack();
    await slots.take(mine);
    away.disconnect();
  });
});

describe('the handshakes', () => {
  const request = (ip: string) =>
    ({ ip }) as unknown as Parameters<ReturnType<typeof createHandshakeLimiter>['enter']>[0];
  const addressOf = (it: unknown) => (it as { ip: string }).ip;

  it('limits sockets that have not authenticated, by address and in total', () => {
    const handshakes = createHandshakeLimiter(addressOf, { perMinute: 100, perAddress: 2, total: 3 });
    const [first, second] = [handshakes.enter(request('1.1.1.1')), handshakes.enter(request('1.1.1.1'))];
    expect([first, second]).toEqual([expect.any(Function), expect.any(Function)]);
    expect(handshakes.enter(request('1.1.1.1'))).toBeNull();
    expect(handshakes.enter(request('2.2.2.2'))).not.toBeNull();
    expect(handshakes.enter(request('3.3.3.3'))).toBeNull();
    first!();
    first!();
    expect(handshakes.enter(request('1.1.1.1'))).not.toBeNull();
    expect(handshakes.enter(request('3.3.3.3'))).toBeNull();
  });

  it('limits handshakes of an address in a minute', () => {
    const handshakes = createHandshakeLimiter(addressOf, { perMinute: 3, perAddress: 10, total: 10 });
    for (let i = 0; i < 3; i++) handshakes.enter(request('1.1.1.1'))!();
    expect(handshakes.enter(request('1.1.1.1'))).toBeNull();
    expect(handshakes.enter(request('2.2.2.2'))).not.toBeNull();
  });
});
