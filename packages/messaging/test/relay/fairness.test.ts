import { setTimeout as pause } from 'node:timers/promises';
import { uuidv7 } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type Bus,
  connectBus,
  type Delivered,
  type EventConsumer,
  enqueue,
  type Relay,
  startConsumer,
  startRelay,
} from '../../src/index.ts';
import { allPublished, log, note, noteWritten, type ScratchDatabase, scratchDatabase } from '../support.ts';

const FLOOD = 6000;
const flooder = uuidv7();
const NAME = 'analytics-note-written';

let db: ScratchDatabase;
let bus: Bus;
let running: (Relay | EventConsumer)[] = [];

beforeAll(async () => {
  db = await scratchDatabase('fairness');
  bus = await connectBus({ url: (await testBus()).url, name: 'fairness', log });
});
afterAll(async () => {
  await bus?.close();
  await db?.drop();
});
beforeEach(async () => {
  await bus.jsm.streams.delete('RECADO_CONVERSATION').catch(() => {});
  await db.admin.sql`truncate scratch.outbox, scratch.relay_state, scratch.inbox, scratch.delivery_tries`;
  await bus.ensureStream('conversation');
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
});

async function startPacedRelay(paces: 'first' | 'live' = 'first'): Promise<Relay> {
  const durables = [{ service: 'conversation' as const, name: NAME, event: noteWritten, paces }];
  const relay = startRelay({ db: db.worker.sql, bus, service: 'conversation', log, durables });
  running.push(relay);
  await eventually(() => relay.ready());
  return relay;
}

/** Notes everything in the order it is handled: `<tenant> <body>`. Takes 20 ms for 64 events. */
const startSlowReader = (fails: (body: string) => boolean = () => false) =>
  startReader(async (events) => {
    await pause(20);
    if (events.some(({ data }) => fails(data.body))) throw new Error('a poison note');
  });

type Note = Delivered<{ noteId: string; body: string }>;

function startReader(work: (events: Note[]) => Promise<unknown>, concurrency = 1): string[] {
  const order: string[] = [];
  const consumer = startConsumer({
    bus,
    db: db.worker.sql,
    service: 'analytics',
    event: noteWritten,
    dedupe: 'handler',
    batch: 64,
    concurrency,
    log,
    pausesMs: [60_000],
    handle: async (_tx, events) => void (await work(events)),
    afterCommit: (events) => {
      for (const { tenantId, data } of events) order.push(`${tenantId} ${data.body}`);
    },
  });
  running.push(consumer);
  return order;
}

const put = (tenantId: string, bodies: string[]) =>
  withWorker(db.worker, (tx) =>
    enqueue(
      tx,
      bodies.map((body) => note(body, { tenantId })),
    ),
  );

async function flood(): Promise<void> {
  for (let i = 0; i < FLOOD; i += 1000) {
    await put(
      flooder,
      Array.from({ length: 1000 }, (_, k) => String(i + k)),
    );
  }
}

test("other tenants' events overtake the backlog of a flood, and the flood keeps its own order", async () => {
  const order = startSlowReader();
  await startPacedRelay();
  await flood();
  await eventually(() => expect(order.length).toBeGreaterThan(0));
  const others = Array.from({ length: 20 }, () => uuidv7());
  for (const other of others) {
    await put(other, ['first', 'second']);
  }
  const before = order.length;
  await eventually(() => expect(order.filter((one) => !one.startsWith(flooder))).toHaveLength(40));
  for (const other of others) {
    // One queue of the stream, one batch under way and one turn: far from the 6,000 that were there
    // first.
    expect(order.indexOf(`${other} second`)).toBeLessThan(before + 2500);
    expect(order.indexOf(`${other} first`)).toBeLessThan(order.indexOf(`${other} second`));
  }
  expect(order.length).toBeLessThan(FLOOD);
  await eventually(() => expect(order).toHaveLength(FLOOD + 40), { timeoutMs: 60_000 });
  const own = order.filter((one) => one.startsWith(flooder));
  expect(own).toEqual(Array.from({ length: FLOOD }, (_, i) => `${flooder} ${i}`));
}, 120_000);

test('the backlog waits in the outbox while the durable that paces reads, and in the stream while it is away', async () => {
  const order = startSlowReader();
  await startPacedRelay('live');
  await flood();
  await eventually(() => expect(order.length).toBeGreaterThan(500));
  const { num_pending } = await bus.jsm.consumers.info('RECADO_CONVERSATION', NAME);
  // At most 4,096 events, in messages of 40 to 64.
  expect(num_pending).toBeLessThan(110);
  await running.shift()!.stop();
  await allPublished(db.worker);
  expect(order.length).toBeLessThan(FLOOD);
});

test("others' events are sent and handled while a batch of a flood fills the stream and is under way", async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = 0;
  const ofFlood = (events: Note[]) => events.some(({ tenantId }) => tenantId === flooder);
  const order = startReader(async (events) => {
    if (!ofFlood(events)) return;
    held++;
    await gate;
  }, 2);
  await startPacedRelay();
  await flood();
  await eventually(() => expect(held).toBe(1));
  const others = Array.from({ length: 20 }, () => uuidv7());
  for (const other of others) {
    await put(other, ['first', 'second']);
  }
  await eventually(() => expect(order).toHaveLength(40));
  for (const other of others) {
    expect(order.indexOf(`${other} first`)).toBeLessThan(order.indexOf(`${other} second`));
  }
  // One tenant's batches come one after the other.
  expect(held).toBe(1);
  release();
  await eventually(() => expect(order).toHaveLength(FLOOD + 40), { timeoutMs: 60_000 });
  expect(order.slice(40)).toEqual(Array.from({ length: FLOOD }, (_, i) => `${flooder} ${i}`));
}, 120_000);

test('one event of another tenant does not wait for a short batch of a busy one', async () => {
  const { promise: gate, resolve: release } = Promise.withResolvers<void>();
  let began = 0;
  const order = startReader(async (events) => {
    if (events.some(({ tenantId }) => tenantId === flooder)) {
      began++;
      await gate;
    }
  }, 2);
  await startPacedRelay();
  const few = Array.from({ length: 20 }, (_, i) => String(i));
  await put(flooder, few);
  await eventually(() => expect(began).toBe(1));
  const other = uuidv7();
  await put(other, ['alone']);
  await eventually(() => expect(order).toEqual([`${other} alone`]));
  release();
  await eventually(() => expect(order.slice(1)).toEqual(few.map((body) => `${flooder} ${body}`)));
});

test('retries of a tenant with many failing events alternate with those of others', async () => {
  const other = uuidv7();
  const failing = [
    ...Array.from({ length: 1000 }, (_, i) => note(`poison ${i}`, { tenantId: flooder })),
    note('good', { tenantId: other }),
  ];
  for (const [i, { subject, envelope }] of failing.entries()) {
    await db.admin.sql`
      insert into scratch.delivery_tries (consumer, event_id, tries, last_error, tenant_id, subject, envelope, next_try_at)
      values (${NAME}, ${envelope.id}, 1, 'failed', ${envelope.tenantid}, ${subject}, ${JSON.stringify(envelope)},
              now() - interval '1 hour' + ${i} * interval '1 second')`;
  }
  const tried: string[] = [];
  const order = startSlowReader((body) => tried.push(body) > 0 && body !== 'good');
  await eventually(() => expect(order).toEqual([`${other} good`]));
  // By age alone it would be the last of 1,001.
  expect(tried.indexOf('good')).toBeLessThan(100);
});
