import { setTimeout as pause } from 'node:timers/promises';
import { rolesOf, withWorker } from '@recado/database';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bus, connectBus, enqueue, type Relay, startRelay } from '../../src/index.ts';
import { allPublished, log, note, type ScratchDatabase, scratchDatabase } from '../support.ts';

let db: ScratchDatabase;
let bus: Bus;
let relay: Relay | null = null;

beforeAll(async () => {
  db = await scratchDatabase('relay_errors');
  bus = await connectBus({ url: (await testBus()).url, name: 'relay-errors-test', log });
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
  await relay?.stop();
  relay = null;
});

const start = () => startRelay({ db: db.worker.sql, bus, service: 'conversation', log });
const write = () => withWorker(db.worker, (tx) => enqueue(tx, note()));
const messages = async () => (await bus.findStream('RECADO_CONVERSATION'))?.state.messages ?? 0;
const unmarked = () => db.admin.sql`select 1 from scratch.outbox where published_at is null`;

test.each([
  ['an outage', '57P04'],
  ['a server that only reads', '25006'],
  ['a full disk', '53100'],
  ['contention', '40P01'],
  ['a statement out of time', '57014'],
  ['a unique violation', '23505'],
  ['any other error', 'XX000'],
])(
  '%s keeps an event from being marked: it stays unsent, and once that passes it is in the stream once',
  async (_name, code) => {
    await db.admin.sql.unsafe(`
    create or replace function scratch.refuse() returns trigger language plpgsql as
      $$ begin raise exception 'refused' using errcode = '${code}'; end $$;
    create trigger refuse before update of published_at on scratch.outbox for each row execute function scratch.refuse()`);
    try {
      relay = start();
      await write();
      await eventually(async () => expect(await messages()).toBe(1));
      // Long enough for a mark, and for the relay to lead anew after it was refused.
      await pause(600);
      expect(await unmarked()).toHaveLength(1);
    } finally {
      await db.admin.sql.unsafe('drop trigger refuse on scratch.outbox');
    }
    await allPublished(db.worker);
    expect(await messages()).toBe(1);
  },
);

test('no copy leads on a server that only reads, and the relay publishes once it reaches one that writes', async () => {
  const { worker } = rolesOf('scratch');
  relay = start();
  await write();
  await allPublished(db.worker);
  await relay.stop();
  await write();
  await db.admin.sql.unsafe(`alter role ${worker} set default_transaction_read_only = on`);
  try {
    relay = start();
    await pause(1000);
    expect([relay.stats().leader, await messages()]).toEqual([false, 1]);
  } finally {
    await db.admin.sql.unsafe(`alter role ${worker} reset default_transaction_read_only`);
  }
  await allPublished(db.worker);
  expect(await messages()).toBe(2);
});
