import { type Envelope, uuidv7 } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bus, connectBus, createReplayReader, enqueue, type Relay, startRelay } from '../../src/index.ts';
import { writeBatches } from '../../src/outbox/enqueue.ts';
import { allPublished, log, note, type ScratchDatabase, scratchDatabase } from '../support.ts';

let db: ScratchDatabase;
let bus: Bus;
let relays: Relay[] = [];

beforeAll(async () => {
  db = await scratchDatabase('relay');
  bus = await connectBus({ url: (await testBus()).url, name: 'relay-test', log });
});
afterAll(async () => {
  await bus?.close();
  await db?.drop();
});
beforeEach(async () => {
  await bus.jsm.streams.delete('RECADO_CONVERSATION').catch(() => {});
  await db.admin.sql`truncate scratch.outbox, scratch.relay_state`;
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  relays = [];
});

function relay(options: { pollMs?: number } = {}): Relay {
  const made = startRelay({ db: db.worker.sql, bus, service: 'conversation', log, ...options });
  relays.push(made);
  return made;
}

async function write(bodies: string[]): Promise<string[]> {
  return withWorker(db.worker, (tx) =>
    enqueue(
      tx,
      bodies.map((body) => note(body)),
    ),
  );
}

async function inStream(): Promise<
  { id: string; messageId: string | null; body: string; seq: number; replay: boolean }[]
> {
  const found = [];
  for await (const message of await createReplayReader(bus, 'RECADO_CONVERSATION', 'recado.conversation.>', 1)) {
    for (const envelope of message.envelopes() as Envelope<{ body: string }>[]) {
      const { id: messageId, seq, replay } = message;
      found.push({ id: envelope.id, messageId, body: envelope.data.body, seq, replay });
    }
  }
  return found;
}

describe('enqueue', () => {
  test('what is rolled back never goes out', async () => {
    await db.worker.sql
      .begin(async (tx) => {
        await enqueue(tx, note());
        throw new Error('changed my mind');
      })
      .catch(() => {});
    expect(await db.worker.sql`select 1 from outbox`).toHaveLength(0);
  });

  test('the same events enqueued again after an unknown commit are dropped', async () => {
    const events = [note('a'), note('b'), note('c', { tenantId: uuidv7() })];
    expect(await withWorker(db.worker, (tx) => enqueue(tx, events))).toHaveLength(3);
    expect(await withWorker(db.worker, (tx) => enqueue(tx, events))).toEqual([]);
  });

  test('text of every kind comes back byte for byte', async () => {
    const body = `"quotes" \\ {braces}, NULL, \u0000 \u001e \n é 漢 😀 ' ;`;
    await write([body, '']);
    relay();
    await allPublished(db.worker);
    expect((await inStream()).map((one) => one.body)).toEqual([body, '']);
  });
});

describe('relay', () => {
  test('publishes the rows in their order, with their ids as message ids, and marks what it published', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(...(await write(Array.from({ length: 300 }, (_, k) => `${i}-${k}`))));
    relay();
    await allPublished(db.worker);
    const stored = await inStream();
    expect(stored.map((one) => one.id)).toEqual([...ids].sort());
    const rows = await db.worker.sql<{ id: string; seq: number }[]>`
      select id, stream_seq::int as seq from outbox order by stream_seq`;
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, i) => i + 1));
    expect(rows.map((row) => row.id)).toEqual([...new Set(stored.map((one) => one.messageId))]);
  });

  test('a commit is published at once', async () => {
    const idle = relay({ pollMs: 60_000 });
    await eventually(() => expect(idle.stats().leader).toBe(true));
    // What the start still had to look at is over when a first event has gone through.
    await write(['first']);
    await allPublished(db.worker);
    await write(['second']);
    await allPublished(db.worker);
  });

  test('a copy that does not lead notifies the one that does', async () => {
    const first = relay({ pollMs: 60_000 });
    await eventually(() => expect(first.stats().leader).toBe(true));
    const second = relay({ pollMs: 60_000 });
    await withWorker(db.worker, (tx) => writeBatches(tx, [note('first')]));
    second.notify();
    await allPublished(db.worker);
    expect(second.stats().leader).toBe(false);
    expect(first.stats().published).toBe(1);
  });

  test('transactions that commit out of order are all published', async () => {
    relay();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = withWorker(db.worker, async (tx) => {
      const ids = await enqueue(tx, note('slow'));
      // As old as the transaction: one that took a minute.
      await tx`update outbox set created_at = now() - interval '1 minute'`;
      await held;
      return ids;
    });
    const fast: string[] = [];
    for (let i = 0; i < 3; i++) {
      fast.push(...(await write([`fast ${i}`])));
      await allPublished(db.worker);
    }
    release();
    const [slowId] = await slow;
    await eventually(async () => {
      expect((await inStream()).map((one) => one.id)).toEqual([...fast, slowId]);
    });
  });

  test('another copy takes over when the leader’s session dies, and nothing is lost or doubled', async () => {
    const first = relay();
    await eventually(() => expect(first.stats().leader).toBe(true));
    const second = relay();
    const ids: string[] = [];
    for (let round = 0; round < 4; round++) {
      ids.push(...(await write(Array.from({ length: 200 }, (_, k) => `${round}-${k}`))));
      // The copy with the lock loses its connection in the middle of publishing.
      await db.admin.sql`
        select pg_terminate_backend(pid) from pg_locks
        where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
    }
    await allPublished(db.worker);
    expect([first, second].filter((one) => one.stats().leader)).toHaveLength(1);
    expect((await inStream()).map((one) => one.id).sort()).toEqual(ids.sort());
  });

  test('a lost stream is created again and gets everything again, marked as a replay', async () => {
    const ids = [...(await write(['a', 'b'])), ...(await write(['c']))];
    const running = relay();
    await allPublished(db.worker);
    await bus.jsm.streams.delete('RECADO_CONVERSATION');
    ids.push(...(await write(['d'])));
    // Reading would make the stream; it is the relay that has to notice.
    await eventually(() => expect(running.stats().republished).toBe(3));
    await allPublished(db.worker);
    const stored = await inStream();
    expect(stored.map((one) => one.id)).toEqual(ids);
    expect(stored.map((one) => one.replay)).toEqual([true, true, true, false]);
  });

  test('a stream that another program emptied and created is noticed by its numbers', async () => {
    const ids = await write(['a', 'b', 'c']);
    relay();
    await allPublished(db.worker);
    await bus.jsm.streams.delete('RECADO_CONVERSATION');
    await bus.ensureStream('conversation');
    ids.push(...(await write(['d'])));
    await eventually(async () => {
      expect((await inStream()).map((one) => one.id).sort()).toEqual(ids);
    });
    await allPublished(db.worker);
  });

  test('a full stream makes the outbox wait, and goes on when there is room', async () => {
    const limits = { replicas: 1, maxBytes: 3000 };
    const cramped = await connectBus({ url: (await testBus()).url, name: 'cramped', log, limits });
    try {
      for (let i = 0; i < 20; i++) await write(['x'.repeat(500)]);
      relays.push(startRelay({ db: db.worker.sql, bus: cramped, service: 'conversation', log }));
      const unsent = () => db.worker.sql`select 1 from outbox where published_at is null`;
      await eventually(async () => expect((await unsent()).length).toBeLessThan(20));
      expect((await unsent()).length).toBeGreaterThan(0);
      await bus.ensureStream('conversation');
      await allPublished(db.worker);
      expect(await inStream()).toHaveLength(20);
    } finally {
      await Promise.all(relays.splice(0).map((one) => one.stop()));
      await cramped.close();
    }
  });

  test('stop publishes what is left', async () => {
    const running = relay({ pollMs: 60_000 });
    await eventually(() => expect(running.stats().leader).toBe(true));
    await write(Array.from({ length: 700 }, () => 'last words'));
    await running.stop();
    expect(await inStream()).toHaveLength(700);
    expect(await db.worker.sql`select 1 from outbox where published_at is null`).toHaveLength(0);
  });
});
