import { uuidv7 } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Bus,
  type ConsumerOptions,
  connectBus,
  type Delivered,
  type EventConsumer,
  enqueue,
  listDeadLetters,
  type Relay,
  replayDeadLetters,
  startConsumer,
  startRelay,
  type Tx,
} from '../../src/index.ts';
import { packEvents } from '../../src/outbox/event-batch.ts';
import { allPublished, log, note, noteWritten, type ScratchDatabase, scratchDatabase, tenant } from '../support.ts';

type Note = { noteId: string; body: string };
type Options = ConsumerOptions<(typeof noteWritten)['data']>;

const STREAM = 'RECADO_CONVERSATION';
const NAME = 'analytics-note-written';
let db: ScratchDatabase;
let bus: Bus;
let relay: Relay;
let consumers: EventConsumer[] = [];

beforeAll(async () => {
  db = await scratchDatabase('event_batches');
  bus = await connectBus({ url: (await testBus()).url, name: 'event-batches-test', log });
});
afterAll(async () => {
  await bus?.close();
  await db?.drop();
});
beforeEach(async () => {
  await bus.jsm.streams.delete(STREAM).catch(() => {});
  await db.admin.sql`
    truncate scratch.outbox, scratch.outbox_keys, scratch.relay_state, scratch.notes, scratch.inbox, scratch.dead_letters,
             scratch.delivery_tries`;
  relay = startRelay({ db: db.worker.sql, bus, service: 'conversation', log });
});
afterEach(async () => {
  await Promise.all(consumers.map((one) => one.stop()));
  consumers = [];
  await relay.stop();
});

/** One row for every time an event is handled and committed: repeats show. */
const storeNotes = async (tx: Tx, events: Delivered<Note>[]) => {
  await tx`
    insert into notes (id, tenant_id, body)
    select gen_random_uuid(), ${tenant}, id from unnest(${events.map((one) => one.id)}::text[]) as t(id)`;
};
const stomach = async (tx: Tx, events: Delivered<Note>[]) => {
  await storeNotes(tx, events);
  if (events.some((one) => one.data.body === 'poison')) throw new Error('cannot stomach this');
};

function consume(options: Partial<Options> = {}): EventConsumer {
  const made = startConsumer({
    bus,
    db: db.worker.sql,
    service: 'analytics',
    event: noteWritten,
    handle: storeNotes,
    dedupe: 'inbox',
    log,
    pausesMs: [10, 10, 10, 10, 10, 10, 10],
    ...options,
  });
  consumers.push(made);
  return made;
}

async function write(bodies: string[]): Promise<string[]> {
  const events = bodies.map((body) => note(body));
  const ids = await withWorker(db.worker, (tx) => enqueue(tx, events));
  await allPublished(db.worker);
  return ids;
}

const batchWith = (poisonAt: number) => Array.from({ length: 64 }, (_, i) => (i === poisonAt ? 'poison' : `food ${i}`));

/** How often each event was handled. */
async function handled(): Promise<Map<string, number>> {
  const rows = await db.worker.sql<
    { body: string; n: number }[]
  >`select body, count(*)::int as n from notes group by 1`;
  return new Map(rows.map((row) => [row.body, row.n]));
}
const once = (ids: string[]) => new Map(ids.map((id) => [id, 1]));
const handledOnce = (ids: string[], timeoutMs?: number) =>
  eventually(async () => expect(await handled()).toEqual(once(ids)), { timeoutMs });

async function pendingAcks(name = NAME): Promise<number> {
  const info = await bus.jsm.consumers.info(STREAM, name);
  return info.num_pending + info.num_ack_pending;
}
const settled = (name?: string) => eventually(async () => expect(await pendingAcks(name)).toBe(0));

/**
 * What the server does when an ack never came, without the wait: everything in the stream is
 * delivered again.
 */
async function deliverAgain(name = NAME): Promise<void> {
  await bus.jsm.consumers.delete(STREAM, name);
}

test('an event batch is one message, handled in one transaction and claimed by one row', async () => {
  const ids = await write(Array.from({ length: 64 }, () => 'x'));
  expect((await bus.jsm.streams.info(STREAM)).state.messages).toBe(1);
  const sizes: number[] = [];
  consume({
    handle: async (tx, events) => {
      sizes.push(events.length);
      await storeNotes(tx, events);
    },
  });
  await handledOnce(ids);
  expect(sizes).toEqual([64]);
  expect(await db.worker.sql`select 1 from inbox`).toHaveLength(1);
});

test('event batches are not split between transactions, and a batch takes no more than it may', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 10; i++) ids.push(...(await write(Array.from({ length: 40 }, () => 'x'))));
  ids.push(...(await write(Array.from({ length: 64 }, () => 'x'))));
  const sizes: number[] = [];
  consume({
    batch: 60,
    handle: async (tx, events) => {
      sizes.push(events.length);
      await storeNotes(tx, events);
    },
  });
  await handledOnce(ids);
  expect(sizes).toEqual([...Array.from({ length: 10 }, () => 40), 64]);
});

test('an event batch of an ignored tenant is acknowledged unread', async () => {
  consume({ ignores: (id) => id === tenant, handle: () => Promise.reject<void>(new Error('not for us')) });
  await write(['a', 'b', 'c']);
  await settled();
  expect(await db.worker.sql`select 1 from delivery_tries`).toHaveLength(0);
});

describe('poison in an event batch of 64', () => {
  for (const dedupe of ['inbox', 'handler'] as const) {
    test(`with dedupe ${dedupe}: the others are handled once before its last try, it is parked after 8 tries and replayable`, async () => {
      let healthy = false;
      let tries = 0;
      const lastTry = Promise.withResolvers<void>();
      consume({
        dedupe,
        handle: async (tx, events) => {
          if (events.length === 1 && events[0]!.data.body === 'poison') tries++;
          if (tries === 8) await lastTry.promise;
          await (healthy ? storeNotes(tx, events) : stomach(tx, events));
        },
      });
      const ids = await write(batchWith(17));
      const good = ids.filter((_, i) => i !== 17);
      await handledOnce(good);
      // Acknowledged all the same: what is still to be tried stands in the database.
      await settled();
      await eventually(async () => {
        const [row] = await db.worker.sql`select tries, event_id as id, last_error as error from delivery_tries`;
        expect(row).toMatchObject({ id: ids[17], tries: 7, error: expect.stringContaining('cannot stomach this') });
      });
      expect(await listDeadLetters(db.worker.sql)).toEqual([]);
      lastTry.resolve();
      const letter = await eventually(async () => {
        const [found] = await listDeadLetters(db.worker.sql);
        expect(found).toMatchObject({ eventId: ids[17], tries: 8, tenantId: tenant, consumer: NAME });
        return found!;
      });
      expect(tries).toBe(8);
      expect(JSON.parse(letter.envelope)).toMatchObject({ id: ids[17], data: { body: 'poison' } });
      expect(await db.worker.sql`select 1 from delivery_tries`).toHaveLength(0);
      expect(await handled()).toEqual(once(good));

      healthy = true;
      expect(await replayDeadLetters(db.worker.sql)).toBe(1);
      await handledOnce([...good, ids[17]!]);
      expect(await listDeadLetters(db.worker.sql)).toEqual([]);
    });
  }

  test('that passes is handled once, and its tries are forgotten', async () => {
    let failures = 3;
    consume({
      handle: async (tx, events) => {
        await storeNotes(tx, events);
        const poisoned = events.some((one) => one.data.body === 'poison');
        if (poisoned && (events.length > 1 || failures-- > 0)) throw new Error('not yet');
      },
    });
    const ids = await write(batchWith(0));
    await handledOnce(ids);
    expect(await db.worker.sql`select 1 from delivery_tries`).toHaveLength(0);
    expect(await listDeadLetters(db.worker.sql)).toEqual([]);
  });

  test('that waits is tried by another copy when its own is gone', async () => {
    const first = consume({ handle: stomach, pausesMs: [500] });
    const ids = await write(batchWith(63));
    await handledOnce(ids.slice(0, 63));
    await first.stop();
    consume();
    await handledOnce(ids);
  });

  test('is tried by one copy at a time', async () => {
    let running = 0;
    let most = 0;
    const handle = async (tx: Tx, events: Delivered<Note>[]) => {
      if (events.length > 1) return stomach(tx, events);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 30));
      running--;
      await stomach(tx, events);
    };
    for (let i = 0; i < 3; i++) consume({ handle });
    await write(['poison', 'poison']);
    await eventually(async () => expect(await listDeadLetters(db.worker.sql)).toHaveLength(2));
    for (const letter of await listDeadLetters(db.worker.sql)) expect(letter.tries).toBe(8);
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('an event batch delivered again', () => {
  test('after a crash between commit and acknowledgement is handled once', async () => {
    const ids = await write(Array.from({ length: 64 }, () => 'x'));
    // Everything but the ack: the commit stands, and the connection it would have been sent on is
    // gone.
    const doomed = await connectBus({ url: (await testBus()).url, name: 'doomed', log });
    consume({
      bus: doomed,
      handle: async (tx, events) => {
        await storeNotes(tx, events);
        await doomed.nc.close();
      },
    });
    await handledOnce(ids);
    expect(await pendingAcks()).toBe(1);
    await deliverAgain();
    consume();
    const more = await write(['y']);
    await handledOnce([...ids, ...more]);
    await settled();
    expect(await handled()).toEqual(once([...ids, ...more]));
  });

  test('after a part of it was handled gets only the rest handled', async () => {
    const ids = await write(batchWith(40));
    const doomed = await connectBus({ url: (await testBus()).url, name: 'doomed', log });
    let parts = 0;
    const first = consume({
      bus: doomed,
      pausesMs: [600_000],
      handle: async (tx, events) => {
        await stomach(tx, events);
        // The first half is in; then everything goes away in the middle of the second.
        if (++parts === 1) await doomed.nc.close();
        if (parts > 1) throw Object.assign(new Error('the database is gone'), { code: 'ECONNREFUSED' });
      },
    });
    await handledOnce(ids.slice(0, 32));
    expect(await pendingAcks()).toBe(1);
    const stopping = first.stop();
    await deliverAgain();
    consume({ handle: stomach, pausesMs: [600_000] });
    const good = ids.filter((_, i) => i !== 40);
    await handledOnce(good);
    await settled();
    await stopping;
    // Once more, whole: everything is known by now, and the one that waits goes on waiting.
    await deliverAgain();
    consume({ handle: stomach, pausesMs: [600_000] });
    const more = await write(['y']);
    await handledOnce([...good, ...more]);
    await settled();
    expect(await handled()).toEqual(once([...good, ...more]));
    expect(await db.worker.sql`select event_id as id, tries from delivery_tries`).toEqual([{ id: ids[40], tries: 1 }]);
  });

  test('from a stream that was lost is handled once', async () => {
    consume({ handle: stomach, pausesMs: [600_000] });
    const ids = [...(await write(batchWith(5))), ...(await write(['single']))];
    const good = ids.filter((_, i) => i !== 5);
    await handledOnce(good);
    await bus.jsm.streams.delete(STREAM);
    await write(['y']).then((more) => handledOnce([...good, ...more]));
    await eventually(async () => expect((await bus.jsm.streams.info(STREAM)).state.messages).toBe(3));
    await settled();
    expect((await handled()).size).toBe(good.length + 1);
    expect(Math.max(...(await handled()).values())).toBe(1);
  });

  test('with dedupe handler is handed over again', async () => {
    const seen: string[][] = [];
    const handle = async (_tx: Tx, events: Delivered<Note>[]) => void seen.push(events.map((one) => one.id));
    const first = consume({ dedupe: 'handler', handle });
    const ids = await write(['a', 'b']);
    await eventually(() => expect(seen).toEqual([ids]));
    await settled();
    await first.stop();
    await deliverAgain();
    consume({ dedupe: 'handler', handle });
    await eventually(() => expect(seen).toEqual([ids, ids]));
  });
});

describe('an event batch of another publisher', () => {
  const publish = async (events: unknown[], msgID?: string) =>
    bus.js.publish(note().subject, JSON.stringify(events), msgID ? { msgID } : {});

  test('without an id has each event claimed by itself, so that none is handled twice', async () => {
    await bus.ensureStream('conversation');
    const envelopes = ['a', 'b', 'c'].map((body) => note(body).envelope);
    await publish(envelopes);
    await publish(envelopes.slice(1));
    consume();
    await handledOnce(envelopes.map((one) => one.id));
    await settled();
    expect(await handled()).toEqual(once(envelopes.map((one) => one.id)));
  });

  test('with malformed events has those parked and the others handled', async () => {
    await bus.ensureStream('conversation');
    const good = ['a', 'b'].map((body) => note(body).envelope);
    const mistyped = { ...note().envelope, data: { noteId: 1 } };
    await publish([good[0], mistyped, 'no object', { ...note().envelope, tenantid: uuidv7() }, good[1]], uuidv7());
    await publish([], uuidv7());
    consume();
    await handledOnce(good.map((one) => one.id));
    await settled();
    const letters = await listDeadLetters(db.worker.sql);
    expect(letters.map((one) => JSON.parse(one.envelope)).sort()).toHaveLength(3);
    expect(letters.every((one) => one.tries === 1 && one.error.startsWith('malformed: '))).toBe(true);
    expect(letters.find((one) => one.eventId === mistyped.id)?.envelope).toBe(JSON.stringify(mistyped));
  });
});

test('an event batch that an earlier version could not read and parked whole is replayed whole', async () => {
  const events = ['a', 'b'].map((body) => note(body));
  const [batch] = packEvents(events);
  await db.worker.sql`
    insert into dead_letters (id, tenant_id, consumer, subject, envelope, error, tries)
    values (${uuidv7()}, ${tenant}, ${NAME}, ${batch!.subject}, ${batch!.text}, 'malformed: id is not a UUID', 1)`;
  consume();
  expect(await replayDeadLetters(db.worker.sql)).toBe(1);
  await handledOnce(events.map((one) => one.envelope.id));
  expect(await listDeadLetters(db.worker.sql)).toEqual([]);
});
