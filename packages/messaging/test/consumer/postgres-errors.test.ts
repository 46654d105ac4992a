import { withWorker } from '@recado/database';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bus, connectBus, enqueue, listDeadLetters, startConsumer, startRelay } from '../../src/index.ts';
import { log, note, noteWritten, type ScratchDatabase, scratchDatabase } from '../support.ts';

let db: ScratchDatabase;
let bus: Bus;

beforeAll(async () => {
  db = await scratchDatabase('consume_errors');
  bus = await connectBus({ url: (await testBus()).url, name: 'consume-errors-test', log });
  await bus.jsm.streams.delete('RECADO_CONVERSATION').catch(() => {});
});
afterAll(async () => {
  await bus?.close();
  await db?.drop();
});

/**
 * Runs of a handler that Postgres refuses seven times, in a consumer that parks at the first failed
 * try.
 */
const WAITS = { runs: 8, parked: 0 };
const RETRIES = { runs: 6, parked: 1 };
const COUNTS = { runs: 1, parked: 1 };
const REFUSALS = 7;

const CODES = {
  // server: shut down, database dropped, idle session ended, too many connections, connection
  // failed
  '57P01': WAITS,
  '57P04': WAITS,
  '57P05': WAITS,
  '53300': WAITS,
  '08006': WAITS,
  // read-only after a switch-over; disk full; out of memory
  '25006': WAITS,
  '53100': WAITS,
  '53200': WAITS,
  // serialization, deadlock, lock not available
  '40001': RETRIES,
  '40P01': RETRIES,
  '55P03': RETRIES,
  // statement, transaction and temporary files over their limits
  '57014': RETRIES,
  '25P03': RETRIES,
  '53400': RETRIES,
  // unique, undefined table
  '23505': COUNTS,
  '42P01': COUNTS,
};

test('an event waits for the database, is tried again or is parked, by the class of the error', async () => {
  const relay = startRelay({ db: db.worker.sql, bus, service: 'conversation', log });
  await withWorker(db.worker, (tx) => enqueue(tx, note()));
  const runs: Record<string, number> = {};
  const nameOf = (code: string) => `analytics-note-${code.toLowerCase()}`;
  const consumers = Object.keys(CODES).map((code) =>
    startConsumer({
      bus,
      db: db.worker.sql,
      service: 'analytics',
      event: noteWritten,
      name: nameOf(code),
      dedupe: 'inbox',
      log,
      pausesMs: [],
      handle: async (tx) => {
        runs[code] = (runs[code] ?? 0) + 1;
        if (runs[code] > REFUSALS) return;
        await tx.unsafe(`do $$ begin raise exception 'refused' using errcode = '${code}'; end $$`);
      },
    }),
  );
  try {
    await eventually(
      async () => {
        const found = Object.keys(CODES).map(async (code) => {
          const parked = await listDeadLetters(db.worker.sql, { consumer: nameOf(code) });
          return [code, { runs: runs[code], parked: parked.length }];
        });
        expect(Object.fromEntries(await Promise.all(found))).toEqual(CODES);
      },
      { everyMs: 200 },
    );
  } finally {
    await Promise.all(consumers.map((one) => one.stop()));
    await relay.stop();
  }
});
