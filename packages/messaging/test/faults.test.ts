import { setTimeout as pause } from 'node:timers/promises';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Bus,
  connectBus,
  createReplayReader,
  type EventConsumer,
  enqueue,
  type Relay,
  startConsumer,
  startRelay,
  type Tail,
  type TailedMessage,
  tailStream,
} from '../src/index.ts';
import { writeBatches } from '../src/outbox/enqueue.ts';
import {
  allPublished,
  log,
  note,
  noteWritten,
  type OwnNats,
  ownNats,
  type ScratchDatabase,
  scratchDatabase,
} from './support.ts';

let db: ScratchDatabase;
let nats: OwnNats;
let bus: Bus;
let relay: Relay;
let consumer: EventConsumer;
let tail: Tail;
let tailed: TailedMessage[] = [];
let generations: string[] = [];

beforeAll(async () => {
  [db, nats] = await Promise.all([scratchDatabase('faults'), ownNats()]);
  bus = await connectBus({ url: nats.url, name: 'faults', log });
  relay = startRelay({ db: db.worker.sql, bus, service: 'conversation', log });
  consumer = startConsumer({
    bus,
    db: db.worker.sql,
    service: 'analytics',
    event: noteWritten,
    dedupe: 'inbox',
    log,
    // No unique key would save a second insert but the inbox: a repeat fails the test.
    handle: async (tx, events) => {
      await tx`
        insert into notes (id, tenant_id, body)
        select gen_random_uuid(), ${events[0]!.tenantId}::uuid, id from unnest(${events.map((one) => one.id)}::text[]) as t(id)`;
    },
  });
  tail = tailStream(bus, 'RECADO_CONVERSATION', 'recado.conversation.>', (message) => tailed.push(message), {
    log,
    onGeneration: (generation) => generations.push(generation),
  });
  await tail.ready;
});
afterAll(async () => {
  await Promise.all([consumer?.stop(), relay?.stop(), tail?.stop()]);
  await bus?.close();
  await nats?.stop();
  await db?.drop();
});
afterEach(() => {
  tailed = [];
  generations = [];
});

/** Writes 20 events every 5 ms or so until told to end; resolves with all ids. */
function flood(): { end(): Promise<string[]> } {
  let on = true;
  const ids: string[] = [];
  const running = (async () => {
    for (let round = 0; on; round++) {
      const events = Array.from({ length: 20 }, () => note());
      const written = await withWorker(db.worker, (tx) => writeBatches(tx, events));
      ids.push(...written.ids);
      // Most are handed over, some are only said to be there.
      relay.notify(round % 8 === 0 ? null : written.batches);
      await pause(5);
    }
  })();
  return {
    end: async () => {
      on = false;
      await running;
      return ids;
    },
  };
}

async function handledOnce(ids: string[]): Promise<void> {
  await eventually(
    async () => {
      const rows = await db.worker.sql<{ body: string }[]>`select body from notes where body = any(${ids})`;
      // Every id, none twice.
      expect(rows.length).toBe(ids.length);
      expect(new Set(rows.map((row) => row.body)).size).toBe(ids.length);
    },
    { everyMs: 100 },
  );
}

async function idsInStream(): Promise<string[]> {
  const ids: string[] = [];
  for await (const message of await createReplayReader(bus, 'RECADO_CONVERSATION', 'recado.conversation.>', 1)) {
    ids.push(...idsOf(message));
  }
  return ids;
}

const idsOf = (message: TailedMessage) => message.envelopes().map((envelope) => envelope.id);
const tailedIds = () => tailed.flatMap(idsOf);

describe('NATS', () => {
  test('killed again and again while publishing loses and doubles nothing, and the tail is complete and in order', async () => {
    const writer = flood();
    for (let round = 0; round < 3; round++) {
      await pause(150);
      await nats.kill();
      await pause(100);
      await nats.start();
    }
    await pause(150);
    const ids = await writer.end();
    await allPublished(db.worker);
    const stored = await idsInStream();
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored.length).toBe(ids.length);
    await eventually(() => expect(tailedIds()).toEqual(stored));
    expect(generations).toEqual([]);
    await handledOnce(ids);
  });

  test('with a wiped store gets everything published again and handled once, and the tail reports it', async () => {
    const before = await idsInStream();
    const writer = flood();
    await pause(100);
    await nats.kill();
    nats.wipe();
    await nats.start();
    await pause(200);
    const ids = await writer.end();
    await allPublished(db.worker);
    const stored = await eventually(async () => {
      const found = await idsInStream();
      expect(new Set(found)).toEqual(new Set([...before, ...ids]));
      return found;
    });
    expect(stored.length).toBe(new Set(stored).size);
    await handledOnce([...before, ...ids]);
    await eventually(() => expect(generations).toHaveLength(1));
    const again = () => tailed.filter((message) => message.generation === generations[0]);
    await eventually(() => expect(again().flatMap(idsOf)).toHaveLength(stored.length));
    const replayed = new Set(again().flatMap((message) => (message.replay ? idsOf(message) : [])));
    for (const id of before) expect(replayed.has(id)).toBe(true);
  });

  test('being away makes the outbox fill up, and drain when it is back', async () => {
    await nats.kill();
    const ids = await withWorker(db.worker, (tx) =>
      enqueue(
        tx,
        Array.from({ length: 3000 }, () => note()),
      ),
    );
    relay.notify();
    await pause(300);
    await nats.start();
    await allPublished(db.worker);
    await handledOnce(ids);
  });
});

describe('Postgres', () => {
  test('with every session killed again and again loses and doubles nothing', async () => {
    const ids: string[] = [];
    for (let round = 0; round < 5; round++) {
      const wanted = Array.from({ length: 200 }, () => note());
      ids.push(...wanted.map((event) => event.envelope.id));
      await eventually(() => withWorker(db.worker, (tx) => enqueue(tx, wanted)));
      relay.notify();
      await db.admin.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and usename = 'recado_scratch_worker'`;
    }
    await eventually(() => allPublished(db.worker));
    await handledOnce(ids);
    const stored = await idsInStream();
    expect(new Set(stored).size).toBe(stored.length);
  });
});
