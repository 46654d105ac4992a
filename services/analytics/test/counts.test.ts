import { type BuiltEvent, type Envelope, metricsUpdated, type RealtimeMetrics, uuidv7 } from '@recado/contracts';
import { type Bus, connectBus, tailStream } from '@recado/messaging';
import {
  eventually,
  internalEnv,
  internalToken,
  type TestDatabase,
  testBus,
  testDatabase,
  testLogger,
} from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../src/config.ts';
import { startAnalytics } from '../src/service.ts';
import { eventsOf } from './support.ts';

// Noon in UTC, 07:00 in Lima, 21:00 in Tokyo.
const NOW = new Date('2026-05-10T12:00:00.000Z');
let database: TestDatabase;
let bus: Bus;
let copies: Awaited<ReturnType<typeof startAnalytics>>[];

beforeAll(async () => {
  database = await testDatabase('analytics');
  const { url } = await testBus();
  bus = await connectBus({ url, name: 'test', log: testLogger() });
  // The services whose events analytics consumes.
  for (const service of ['identity', 'conversation'] as const) await bus.ensureStream(service);
  const config = configSchema.parse({
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.appUrl('analytics'),
    DATABASE_WORKER_URL: database.workerUrl('analytics'),
    NATS_URL: url,
    ...internalEnv('analytics'),
  });
  // Two copies share the work in every test.
  copies = await Promise.all([1, 2].map(() => startAnalytics(config, { validateResponses: true, now: () => NOW })));
});

afterAll(async () => {
  await Promise.all((copies ?? []).map((copy) => copy.stop()));
  await bus?.close();
  await database?.drop();
});

async function publish(...events: BuiltEvent[]): Promise<void> {
  for (const { subject, envelope } of events) await bus.js.publish(subject, JSON.stringify(envelope));
}

async function realtime(tenantId: string): Promise<RealtimeMetrics> {
  const answer = await copies[0]!.app.inject({
    url: '/realtime',
    headers: { authorization: `Bearer ${internalToken({ tenantId, permissions: ['analytics.read'] })}` },
  });
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

describe('the day’s counts', () => {
  it('are zero for an unknown tenant', async () => {
    expect(await realtime(uuidv7())).toEqual({
      day: '2026-05-10',
      timezone: 'America/Lima',
      messagesSentToday: 0,
      messagesReceivedToday: 0,
      failedMessagesToday: 0,
      aiMessagesToday: 0,
      conversationsOpenedToday: 0,
      activeConversations: 0,
      messagesLastHour: 0,
      updatedAt: NOW.toISOString(),
    });
  });

  it('add up events, each once for any number of deliveries', async () => {
    const tenantId = uuidv7();
    const e = eventsOf(tenantId);
    const at = '2026-05-10T11:30:00.000Z';
    const events = [
      e.received(at),
      e.received(at),
      e.ai(at),
      e.moved('pending', 'sent', at),
      e.moved('sent', 'delivered', at),
      e.moved('pending', 'failed', at),
    ];
    // Redelivered, and published again after a lost store: same ids each time.
    await publish(...events, ...events, ...[...events].reverse());
    const sentinel = eventsOf(tenantId).received('2026-05-10T11:59:00.000Z');
    await publish(sentinel);
    await eventually(async () =>
      expect(await realtime(tenantId)).toMatchObject({
        messagesReceivedToday: 3,
        messagesSentToday: 1,
        failedMessagesToday: 1,
        aiMessagesToday: 1,
        messagesLastHour: 4,
      }),
    );
  });

  it('begin at midnight in the tenant’s own time zone', async () => {
    const [lima, tokyo] = [uuidv7(), uuidv7()];
    await publish(eventsOf(lima).tenant('America/Lima'), eventsOf(tokyo).tenant('Asia/Tokyo'));
    await eventually(async () => {
      expect((await realtime(tokyo)).timezone).toBe('Asia/Tokyo');
      expect((await realtime(lima)).timezone).toBe('America/Lima');
    });
    // 04:59 UTC is still the 9th in Lima (23:59), and afternoon of the 10th in Tokyo; 15:00 UTC of
    // the 9th is its midnight.
    const times = [
      '2026-05-09T14:59:59.000Z',
      '2026-05-09T15:00:00.000Z',
      '2026-05-10T04:59:59.000Z',
      '2026-05-10T05:00:00.000Z',
    ];
    for (const tenant of [lima, tokyo]) await publish(...times.map((at) => eventsOf(tenant).received(at)));
    await eventually(async () => {
      expect((await realtime(lima)).messagesReceivedToday).toBe(1);
      expect((await realtime(tokyo)).messagesReceivedToday).toBe(3);
    });
  });

  it('know which conversations are open, for any order of events', async () => {
    const tenantId = uuidv7();
    const e = eventsOf(tenantId);
    const [a, b] = [uuidv7(), uuidv7()];
    await publish(
      e.closed(a, '2026-05-10T11:00:00.000Z'),
      e.opened(b, '2026-05-10T10:00:00.000Z'),
      e.opened(a, '2026-05-10T10:00:00.000Z'),
    );
    await eventually(async () =>
      expect(await realtime(tenantId)).toMatchObject({ activeConversations: 1, conversationsOpenedToday: 2 }),
    );
  });

  it('are the tenant’s own', async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await publish(eventsOf(a).received('2026-05-10T11:30:00.000Z'));
    await eventually(async () => expect((await realtime(a)).messagesReceivedToday).toBe(1));
    expect((await realtime(b)).messagesReceivedToday).toBe(0);
  });

  it('are refused without a token, and without the permission to read them', async () => {
    const answer = await copies[0]!.app.inject({ url: '/realtime' });
    expect(answer.statusCode).toBe(401);
    const headers = { authorization: `Bearer ${internalToken({ role: 'agent', permissions: ['chats.read'] })}` };
    expect((await copies[0]!.app.inject({ url: '/realtime', headers })).statusCode).toBe(403);
  });
});

it('published figures match the API, and a flood publishes few', async () => {
  const tenantId = uuidv7();
  const heard: RealtimeMetrics[] = [];
  const tail = tailStream(
    bus,
    'RECADO_ANALYTICS',
    metricsUpdated.subject(tenantId),
    (message) =>
      heard.push(
        ...(message.envelopes() as Envelope<{ realtime: RealtimeMetrics }>[]).map(({ data }) => data.realtime),
      ),
    { log: testLogger() },
  );
  await tail.ready;
  await publish(...Array.from({ length: 200 }, () => eventsOf(tenantId).received('2026-05-10T11:30:00.000Z')));
  await eventually(async () => expect(heard.at(-1)?.messagesReceivedToday).toBe(200));
  expect(heard.length).toBeLessThan(20);
  expect(heard.at(-1)).toEqual(await realtime(tenantId));
  await tail.stop();
});
