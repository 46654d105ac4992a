import { defineEvent } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually, testBus } from '@recado/testkit';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Bus,
  connectBus,
  type EventConsumer,
  enqueue,
  type Relay,
  startConsumer,
  startRelay,
} from '../../src/index.ts';
import { allPublished, log, note, noteWritten, type ScratchDatabase, scratchDatabase } from '../support.ts';

const MAX_BYTES = 128 * 1024;
/** Shares the stream with the notes and is never published. */
const neverComes = defineEvent('conversation.comet.returned', 1, z.object({}), 'A comet is back');
const BODY = 'x'.repeat(900);

let db: ScratchDatabase;
let bus: Bus;
let running: (Relay | EventConsumer)[] = [];

beforeAll(async () => {
  db = await scratchDatabase('full');
  const limits = { replicas: 1, maxBytes: MAX_BYTES };
  bus = await connectBus({ url: (await testBus()).url, name: 'full-stream', log, limits });
});
afterAll(async () => {
  await bus?.close();
  await db?.drop();
});
beforeEach(async () => {
  await bus.jsm.streams.delete('RECADO_CONVERSATION').catch(() => {});
  await db.admin.sql`truncate scratch.outbox, scratch.relay_state, scratch.inbox, scratch.notes`;
  await bus.ensureStream('conversation');
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
});

function relay(registry = new Registry()): Relay {
  const durables = [
    { service: 'conversation' as const, name: 'analytics-note-written', event: noteWritten, paces: null },
    { service: 'conversation' as const, name: 'identity-comet-returned', event: neverComes, paces: null },
  ];
  const made = startRelay({ db: db.worker.sql, bus, service: 'conversation', log, durables, registry });
  running.push(made);
  return made;
}

/** Notes down the id of every note it handles; without unique keys, so a repeat shows. */
function reader(): EventConsumer {
  const made = startConsumer({
    bus,
    db: db.worker.sql,
    service: 'analytics',
    event: noteWritten,
    dedupe: 'inbox',
    log,
    handle: async (tx, events) => {
      await tx`
        insert into notes (id, tenant_id, body)
        select gen_random_uuid(), ${events[0]!.tenantId}::uuid, id from unnest(${events.map((one) => one.id)}::text[]) as t(id)`;
    },
  });
  running.push(made);
  return made;
}

function idle(): void {
  const options = { bus, db: db.worker.sql, log, dedupe: 'inbox' as const, handle: async () => {} };
  running.push(startConsumer({ ...options, service: 'identity', event: neverComes }));
}

async function write(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let left = count; left > 0; left -= 10) {
    const events = Array.from({ length: Math.min(left, 10) }, () => note(BODY));
    ids.push(...(await withWorker(db.worker, (tx) => enqueue(tx, events))));
  }
  return ids;
}

async function handled(): Promise<string[]> {
  return (await db.worker.sql<{ body: string }[]>`select body from notes`).map(({ body }) => body).sort();
}

test('ten times the limit flows through a small stream once, beside a durable without messages', async () => {
  idle();
  reader();
  const sender = relay();
  const ids = await write(Math.ceil((10 * MAX_BYTES) / BODY.length));
  sender.notify();
  await allPublished(db.worker);
  await eventually(async () => expect(await handled()).toEqual([...ids].sort()));
  const { state } = (await bus.findStream('RECADO_CONVERSATION'))!;
  expect(state.first_seq).toBeGreaterThan(1);
  expect(state.bytes).toBeLessThanOrEqual(MAX_BYTES);
});

test('a stream without its reader fills up and reports it, loses nothing, and goes on when the reader is back', async () => {
  idle();
  const registry = new Registry();
  const first = reader();
  const sender = relay(registry);
  await eventually(() => sender.ready());
  await eventually(async () => expect((await bus.jsm.consumers.list('RECADO_CONVERSATION').next()).length).toBe(2));
  await first.stop();
  const ids = await write(Math.ceil((3 * MAX_BYTES) / BODY.length));
  sender.notify();
  await eventually(() => expect(sender.ready()).rejects.toMatchObject({ code: 'STREAM_FULL' }));
  const gauge = async (name: string) => {
    const metric = await registry.getSingleMetric(name)!.get();
    return metric.values.find(({ labels }) => labels.stream === 'RECADO_CONVERSATION')?.value;
  };
  expect(await gauge('recado_stream_max_bytes')).toBe(MAX_BYTES);
  await eventually(async () => expect(await gauge('recado_stream_bytes')).toBeGreaterThan(0));
  expect((await bus.findStream('RECADO_CONVERSATION'))!.state.first_seq).toBe(1);
  reader();
  await eventually(async () => expect(await handled()).toEqual([...ids].sort()));
  await eventually(() => sender.ready());
});

test('readiness of a relay without its stream or its server says which of them is missing', async () => {
  const url = (await testBus()).url;
  const other = await connectBus({ url, name: 'full-stream-ready', log });
  try {
    const sender = relay();
    await eventually(() => sender.ready());
    const idler = startRelay({ db: db.worker.sql, bus: other, service: 'scheduler', log, pollMs: 60_000 });
    running.push(idler);
    await eventually(() => idler.ready());
    await other.close();
    await expect(idler.ready()).rejects.toMatchObject({ code: 'NATS_LOST' });
  } finally {
    await Promise.all(running.splice(0).map((one) => one.stop()));
    await other.close();
  }
});
