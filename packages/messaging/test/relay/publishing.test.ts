import { withWorker } from '@recado/database';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type Bus,
  connectBus,
  createReplayReader,
  type OutgoingEvent,
  type Relay,
  startRelay,
} from '../../src/index.ts';
import { writeBatches } from '../../src/outbox/enqueue.ts';
import { allPublished, log, note, type ScratchDatabase, scratchDatabase } from '../support.ts';

let db: ScratchDatabase;
let bus: Bus;
let relays: Relay[] = [];

beforeAll(async () => {
  db = await scratchDatabase('handing');
  bus = await connectBus({ url: (await testBus()).url, name: 'handing-test', log });
});
afterAll(async () => {
  await bus?.close();
  await db?.drop();
});
beforeEach(async () => {
  await bus.jsm.streams.delete('RECADO_CONVERSATION').catch(() => {});
  await db.admin.sql`truncate scratch.outbox, scratch.outbox_keys, scratch.relay_state`;
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  relays = [];
});

const put = (events: OutgoingEvent[]) => withWorker(db.worker, (tx) => writeBatches(tx, events));

/** A relay that leads and has nothing left to read; it looks by itself once a minute. */
async function idleRelay(): Promise<Relay> {
  const relay = startRelay({ db: db.worker.sql, bus, service: 'conversation', log, pollMs: 60_000 });
  relays.push(relay);
  await eventually(() => expect(relay.stats().leader).toBe(true));
  await put([note('first')]);
  relay.notify();
  await allPublished(db.worker);
  return relay;
}

/** Bodies in the order of the stream. */
async function bodies(): Promise<string[]> {
  const found: string[] = [];
  for await (const message of await createReplayReader(bus, 'RECADO_CONVERSATION', 'recado.conversation.>', 1)) {
    for (const envelope of message.envelopes()) found.push((envelope.data as { body: string }).body);
  }
  return found;
}

test('event batches handed over after their commit go out unread, in their order, once, and are marked', async () => {
  const relay = await idleRelay();
  const wanted = ['first'];
  for (let i = 0; i < 30; i++) {
    const texts = Array.from({ length: i % 3 === 0 ? 100 : 1 }, (_, k) => `${i}-${k} é 漢`);
    const { batches } = await put(texts.map((text) => note(text)));
    relay.notify(batches);
    wanted.push(...texts);
  }
  await allPublished(db.worker);
  expect(await bodies()).toEqual(wanted);
  expect(relay.stats()).toMatchObject({ handed: wanted.length - 1, published: wanted.length, inFlight: 0 });
  const marks = await db.worker.sql<{ seq: number }[]>`
    select stream_seq::int as seq from outbox order by created_at, stream_seq`;
  expect(marks.map((row) => row.seq)).toEqual(marks.map((_, i) => i + 1));
});

test('what is handed over never overtakes what still has to be read', async () => {
  const relay = await idleRelay();
  await put([note('written before')]);
  const { batches } = await put([note('handed')]);
  relay.notify();
  relay.notify(batches);
  await allPublished(db.worker);
  expect(await bodies()).toEqual(['first', 'written before', 'handed']);
  expect(relay.stats().handed).toBe(0);
});

test('an enqueue that dropped known events hands nothing over, because only the table knows the rest', async () => {
  const relay = await idleRelay();
  const keyed = (key: string): OutgoingEvent => ({ ...note(key), dedupeKey: key });
  const whole = await put([keyed('a'), keyed('b')]);
  expect(whole.batches).toHaveLength(1);
  relay.notify(whole.batches);
  const cut = await put([keyed('b'), keyed('c')]);
  expect(cut).toMatchObject({ ids: [expect.any(String)], batches: null });
  relay.notify(cut.batches);
  const known = await put([keyed('a')]);
  expect(known).toEqual({ ids: [], batches: null });
  relay.notify(known.batches);
  await allPublished(db.worker);
  expect(await bodies()).toEqual(['first', 'a', 'b', 'c']);
});

test('a connection that breaks during a commit fails no caller, and the event is published when NATS is back', async () => {
  let breaking = false;
  let away = false;
  const nc = new Proxy(bus.nc, {
    get(target, key) {
      if (key === 'publish' && breaking) {
        return () => {
          breaking = false;
          away = true;
          throw new Error('closed this very moment');
        };
      }
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const shaky = { ...bus, nc, connected: () => !away && bus.connected() };
  const relay = startRelay({ db: db.worker.sql, bus: shaky, service: 'conversation', log, pollMs: 60_000 });
  relays.push(relay);
  await eventually(() => expect(relay.stats().leader).toBe(true));
  await put([note('first')]);
  relay.notify();
  await allPublished(db.worker);
  const { batches } = await put([note('second')]);
  breaking = true;
  relay.notify(batches);
  expect(away).toBe(true);
  expect(relay.stats().handed).toBe(0);
  away = false;
  await allPublished(db.worker);
  expect(await bodies()).toEqual(['first', 'second']);
});

test('a copy that does not lead only notifies the leader', async () => {
  await idleRelay();
  const second = startRelay({ db: db.worker.sql, bus, service: 'conversation', log, pollMs: 60_000 });
  relays.push(second);
  const { batches } = await put([note('of the second')]);
  second.notify(batches);
  await allPublished(db.worker);
  expect(await bodies()).toEqual(['first', 'of the second']);
  expect(second.stats()).toMatchObject({ leader: false, handed: 0 });
});

test('events that are handed over, notified or found by a read are published once while leaders die', async () => {
  const make = () => startRelay({ db: db.worker.sql, bus, service: 'conversation', log, pollMs: 50 });
  relays.push(make(), make());
  await eventually(() => expect(relays.some((relay) => relay.stats().leader)).toBe(true));
  const wanted: string[] = [];
  const writer = async (name: number) => {
    for (let i = 0; i < 60; i++) {
      const text = `${name}-${i}`;
      wanted.push(text);
      const { batches } = await put([note(text)]);
      const relay = relays[(name + i) % 2]!;
      if (i % 3 === 0) relay.notify();
      else if (i % 3 === 1) relay.notify(batches);
      if (name === 0 && i % 20 === 10) {
        await db.admin.sql`
          select pg_terminate_backend(pid) from pg_locks
          where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
      }
    }
  };
  await Promise.all([0, 1, 2, 3].map(writer));
  await allPublished(db.worker);
  expect((await bodies()).sort()).toEqual(wanted.sort());
});
