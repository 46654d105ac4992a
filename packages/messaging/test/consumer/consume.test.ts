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
import { log, note, noteWritten, type ScratchDatabase, scratchDatabase, tenant } from '../support.ts';

type Note = { noteId: string; body: string };
type Options = ConsumerOptions<(typeof noteWritten)['data']>;

let db: ScratchDatabase;
let bus: Bus;
let relay: Relay;
let consumers: EventConsumer[] = [];

beforeAll(async () => {
  db = await scratchDatabase('consume');
  bus = await connectBus({ url: (await testBus()).url, name: 'consume-test', log });
});
afterAll(async () => {
  await bus?.close();
  await db?.drop();
});
beforeEach(async () => {
  await bus.jsm.streams.delete('RECADO_CONVERSATION').catch(() => {});
  await db.admin.sql`
    truncate scratch.outbox, scratch.relay_state, scratch.notes, scratch.inbox, scratch.dead_letters, scratch.delivery_tries`;
  relay = startRelay({ db: db.worker.sql, bus, service: 'conversation', log });
});
afterEach(async () => {
  await Promise.all(consumers.map((one) => one.stop()));
  consumers = [];
  await relay.stop();
});

const storeNotes = async (tx: Tx, events: Delivered<Note>[]) => {
  await tx`
    insert into notes (id, tenant_id, body)
    select id, ${tenant}, body
    from unnest(${events.map((one) => one.id)}::uuid[], ${events.map((one) => one.data.body)}::text[]) as t(id, body)`;
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
  const ids = await withWorker(db.worker, (tx) =>
    enqueue(
      tx,
      bodies.map((body) => note(body)),
    ),
  );
  return ids;
}

async function storedNotes(): Promise<string[]> {
  const rows = await db.worker.sql<{ id: string }[]>`select id from notes order by id`;
  return rows.map((row) => row.id);
}

const stored = (ids: string[]) => eventually(async () => expect(await storedNotes()).toEqual([...ids].sort()));

async function pendingAcks(name = 'analytics-note-written'): Promise<number> {
  const info = await bus.jsm.consumers.info('RECADO_CONVERSATION', name);
  return info.num_pending + info.num_ack_pending;
}

describe('consumer', () => {
  test('handles each event once, in batches, and acknowledges all of them', async () => {
    const sizes: number[] = [];
    const ids = await write(Array.from({ length: 1000 }, (_, i) => `${i}`));
    const committed: string[] = [];
    const consumer = consume({
      handle: async (tx, events) => {
        sizes.push(events.length);
        await storeNotes(tx, events);
      },
      afterCommit: (events) => {
        committed.push(...events.map((one) => one.id));
      },
    });
    expect(consumer.name).toBe('analytics-note-written');
    await stored(ids);
    expect(Math.max(...sizes)).toBeGreaterThan(50);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
    expect(committed.sort()).toEqual([...ids].sort());
    await eventually(async () => expect(await pendingAcks()).toBe(0));
  });

  test('starts before its stream exists, and hands over parsed data with its tenant', async () => {
    const seen: Delivered<Note>[] = [];
    await relay.stop();
    consume({
      handle: async (_tx, events) => {
        seen.push(...events);
      },
    });
    relay = startRelay({ db: db.worker.sql, bus, service: 'conversation', log });
    const [id] = await write(['hello']);
    await eventually(() => expect(seen).toHaveLength(1));
    expect(seen[0]).toMatchObject({ id, tenantId: tenant, data: { noteId: id, body: 'hello' }, seq: 1, replay: false });
    expect(seen[0]?.envelope).toMatchObject({ specversion: '1.0', type: 'recado.conversation.note.written.v1' });
  });

  test('events of tenants it ignores are acknowledged and never handed over', async () => {
    const handed: string[] = [];
    let off = true;
    consume({
      ignores: (tenantId) => off && tenantId === tenant,
      handle: async (_tx, events) => void handed.push(...events.map((one) => one.data.body)),
    });
    await write(['unread 1', 'unread 2']);
    await write(['unread 3']);
    await eventually(async () => {
      const info = await bus.jsm.consumers.info('RECADO_CONVERSATION', 'analytics-note-written');
      expect(info.ack_floor.stream_seq).toBe(2);
    });
    off = false;
    await write(['read']);
    await eventually(() => expect(handed).toEqual(['read']));
  });

  test('two copies share the work', async () => {
    const by = { a: 0, b: 0 };
    const counting = (who: 'a' | 'b') => async (tx: Tx, events: Delivered<Note>[]) => {
      by[who] += events.length;
      await storeNotes(tx, events);
    };
    consume({ handle: counting('a'), batch: 16 });
    consume({ handle: counting('b'), batch: 16 });
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push(...(await write(Array.from({ length: 50 }, () => 'x'))));
    await stored(ids);
    expect(by.a + by.b).toBe(1000);
    expect(Math.min(by.a, by.b)).toBeGreaterThan(0);
  });

  test('a crash between commit and acknowledgement: delivered again, handled once', async () => {
    const ids = await write(['a', 'b', 'c']);
    // Everything but the ack: the commit stands, and the connection it would have been sent on is
    // gone.
    const doomed = await connectBus({ url: (await testBus()).url, name: 'doomed', log });
    const first = startConsumer({
      bus: doomed,
      db: db.worker.sql,
      service: 'analytics',
      event: noteWritten,
      dedupe: 'inbox',
      log,
      handle: async (tx, events) => {
        await storeNotes(tx, events);
        await doomed.nc.close();
      },
    });
    await stored(ids);
    expect(await pendingAcks()).toBe(1);
    // What the server would do after ack_wait, now.
    const { config } = await bus.jsm.consumers.info('RECADO_CONVERSATION', first.name);
    await bus.jsm.consumers.update('RECADO_CONVERSATION', first.name, { ...config, ack_wait: 100_000_000 });
    await bus.jsm.consumers.delete('RECADO_CONVERSATION', first.name);
    consume();
    await eventually(async () => expect(await pendingAcks()).toBe(0));
    expect(await storedNotes()).toEqual([...ids].sort());
    await first.stop();
  });

  test('repeats within the stream are handed over once', async () => {
    const event = note('twice');
    await bus.ensureStream('conversation');
    for (let i = 0; i < 3; i++) await bus.js.publish(event.subject, JSON.stringify(event.envelope));
    const seen: string[] = [];
    consume({
      dedupe: 'handler',
      handle: async (_tx, events) => {
        seen.push(...events.map((one) => one.id));
      },
      name: 'analytics-handler',
    });
    consume();
    await stored([event.envelope.id]);
    await eventually(async () => expect(await pendingAcks()).toBe(0));
    await eventually(async () => expect(await pendingAcks('analytics-handler')).toBe(0));
    expect(new Set(seen)).toEqual(new Set([event.envelope.id]));
  });
});

describe('poison', () => {
  const poisonous = async (tx: Tx, events: Delivered<Note>[]) => {
    await storeNotes(tx, events);
    if (events.some((one) => one.data.body === 'poison')) throw new Error('cannot stomach this');
  };

  test('is parked after 8 tries with its error, and the others of its batch are not delayed', async () => {
    const bodies = Array.from({ length: 300 }, (_, i) => (i % 100 === 50 ? 'poison' : 'food'));
    const ids = await write(bodies);
    const good = ids.filter((_, i) => bodies[i] === 'food');
    const tries = new Map<string, number>();
    const lastTry = Promise.withResolvers<void>();
    consume({
      handle: async (tx, events) => {
        const [{ id }] = events as [Delivered<Note>];
        if (events.length === 1) tries.set(id, (tries.get(id) ?? 0) + 1);
        if (tries.get(id) === 8) await lastTry.promise;
        await poisonous(tx, events);
      },
    });
    await stored(good);
    expect(await listDeadLetters(db.worker.sql)).toHaveLength(0);
    lastTry.resolve();
    const letters = await eventually(async () => {
      const found = await listDeadLetters(db.worker.sql);
      expect(found).toHaveLength(3);
      return found;
    });
    for (const letter of letters) {
      expect(letter).toMatchObject({
        consumer: 'analytics-note-written',
        tries: 8,
        tenantId: tenant,
        replayedAt: null,
      });
      expect(letter.error).toContain('cannot stomach this');
      expect(JSON.parse(letter.envelope).id).toBe(letter.eventId);
      expect(tries.get(letter.eventId!)).toBe(8);
    }
    await eventually(async () => expect(await pendingAcks()).toBe(0));
    expect(await db.worker.sql`select 1 from delivery_tries`).toHaveLength(0);
  });

  test('malformed events are parked at once', async () => {
    await bus.ensureStream('conversation');
    const { subject, envelope } = note();
    const other = uuidv7();
    await bus.js.publish(subject, 'not json');
    await bus.js.publish(subject, JSON.stringify({ ...envelope, data: { noteId: 1 } }));
    await bus.js.publish(subject, JSON.stringify({ ...envelope, id: uuidv7(), tenantid: other }));
    await bus.js.publish(subject, JSON.stringify({ ...envelope, id: uuidv7(), type: 'another.type' }));
    await bus.js.publish(subject, new Uint8Array([0xff, 0x00, 0xfe]));
    consume();
    const letters = await eventually(async () => {
      const found = await listDeadLetters(db.worker.sql);
      expect(found).toHaveLength(5);
      return found;
    });
    expect(letters.every((letter) => letter.tries === 1 && letter.error.startsWith('malformed: '))).toBe(true);
    await eventually(async () => expect(await pendingAcks()).toBe(0));
    expect(await storedNotes()).toEqual([]);
  });

  test('a parked event is handled after a replay, and only by the consumer that parked it', async () => {
    let healthy = false;
    const others: string[] = [];
    consume({
      handle: async (tx, events) => (healthy ? storeNotes(tx, events) : poisonous(tx, events)),
    });
    consume({
      name: 'another',
      handle: async (_tx, events) => {
        others.push(...events.map((one) => one.id));
      },
    });
    const [id] = await write(['poison']);
    await eventually(async () => expect(await listDeadLetters(db.worker.sql)).toHaveLength(1));
    expect(await storedNotes()).toEqual([]);
    // Still ill: parked again with one more try.
    expect(await replayDeadLetters(db.worker.sql, { consumer: 'analytics-note-written' })).toBe(1);
    await eventually(async () => {
      const [letter] = await listDeadLetters(db.worker.sql);
      expect(letter).toMatchObject({ tries: 9, replayRequestedAt: null });
    });
    healthy = true;
    expect(await replayDeadLetters(db.worker.sql)).toBe(1);
    await stored([id!]);
    await eventually(async () => expect(await listDeadLetters(db.worker.sql)).toHaveLength(0));
    expect(await listDeadLetters(db.worker.sql, { includeReplayed: true })).toHaveLength(1);
    expect(others).toEqual([id]);
  });
});

describe('outage of the database', () => {
  test('does not count as a try: the batch waits and succeeds', async () => {
    let failures = 0;
    consume({
      handle: async (tx, events) => {
        if (failures++ < 3) {
          // Our own session dies in the middle of the transaction, as in a restart.
          const [{ pid } = { pid: 0 }] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
          await db.admin.sql`select pg_terminate_backend(${pid})`;
        }
        await storeNotes(tx, events);
      },
    });
    const ids = await write(['a', 'b', 'c']);
    await stored(ids);
    expect(await db.worker.sql`select 1 from delivery_tries`).toHaveLength(0);
    await eventually(async () => expect(await pendingAcks()).toBe(0));
  });
});
