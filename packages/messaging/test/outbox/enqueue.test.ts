import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Envelope, uuidv7 } from '@recado/contracts';
import { connect, migrate, withWorker } from '@recado/database';
import { eventually, testDatabase } from '@recado/testkit';
import { removeAtEnd } from '@recado/testkit/servers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enqueue, type OutgoingEvent, type Tx } from '../../src/index.ts';
import { prune } from '../../src/relay/housekeeping.ts';
import { note, type ScratchDatabase, scratchDatabase, tenant } from '../support.ts';

let db: ScratchDatabase;

beforeAll(async () => {
  db = await scratchDatabase('enqueue');
});
afterAll(() => db?.drop());
beforeEach(() => db.admin.sql`truncate scratch.outbox, scratch.outbox_keys, scratch.delivery_tries`);

const put = (events: OutgoingEvent | OutgoingEvent[]) => withWorker(db.worker, (tx) => enqueue(tx, events));
const keyed = (dedupeKey: string, tenantId = tenant): OutgoingEvent => ({
  ...note(dedupeKey, { tenantId }),
  dedupeKey,
});
const idsOf = (events: OutgoingEvent[]) => events.map((event) => event.envelope.id);

const waitsForALock = () =>
  eventually(async () => {
    const waiting = await db.admin.sql`
      select 1 from pg_locks where not granted and pid in (
        select pid from pg_stat_activity where datname = current_database())`;
    expect(waiting).toHaveLength(1);
  });

/** The outbox as rows of ids, in its order. */
async function rows(): Promise<string[][]> {
  const found = await db.worker.sql<{ envelope: string; events: number }[]>`
    select envelope, events from outbox order by created_at, id`;
  return found.map(({ envelope, events }) => {
    const ids = [JSON.parse(envelope) as Envelope | Envelope[]].flat().map((one) => one.id);
    expect(ids).toHaveLength(events);
    return ids;
  });
}

describe('events of one call', () => {
  test('of several tenants make event batches of their own, each in its order', async () => {
    const [b, c] = [uuidv7(), uuidv7()];
    const ofA = Array.from({ length: 100 }, (_, i) => note(`${i}`));
    const ofB = Array.from({ length: 10 }, (_, i) => note(`${i}`, { tenantId: b }));
    const ofC = note('c', { tenantId: c });
    const ids = await put([...ofA.slice(0, 50), ...ofB, ofC, ...ofA.slice(50)]);
    expect(new Set(ids)).toEqual(new Set(idsOf([...ofA, ...ofB, ofC])));
    const a = idsOf(ofA);
    expect(new Set(await rows())).toEqual(new Set([a.slice(0, 64), a.slice(64), idsOf(ofB), [ofC.envelope.id]]));
    const stored = await db.worker.sql`select tenant_id, subject, events from outbox where tenant_id = ${b}`;
    expect(stored).toEqual([{ tenant_id: b, subject: ofB[0]!.subject, events: 10 }]);
  });

  test('are all there or none', async () => {
    const many = Array.from({ length: 70 }, () => note());
    await expect(put([...many, note('x'.repeat(1_100_000))])).rejects.toThrow('larger than');
    expect(await rows()).toEqual([]);
  });
});

describe('a dedupe key', () => {
  test('counts once per tenant within one call', async () => {
    const other = uuidv7();
    const events = [keyed('k'), keyed('k'), keyed('k', other), note('without')];
    expect(new Set(await put(events))).toEqual(new Set(idsOf([events[0]!, events[2]!, events[3]!])));
    expect((await rows()).map((ids) => ids.length).sort()).toEqual([1, 2]);
  });

  test('counts once across calls: a known event leaves its event batch, and the rest is published', async () => {
    const first = Array.from({ length: 5 }, (_, i) => keyed(`k${i}`));
    await put(first);
    const other = uuidv7();
    const mixed: OutgoingEvent[] = [
      keyed('k0'),
      keyed('new "1",\n[2]'),
      note('a,\nb'),
      keyed('k4'),
      keyed('new2'),
      keyed('k0', other),
    ];
    const kept = idsOf([mixed[1]!, mixed[2]!, mixed[4]!]);
    const ids = await put(mixed);
    expect(new Set(ids)).toEqual(new Set([...kept, mixed[5]!.envelope.id]));
    expect(new Set(await rows())).toEqual(new Set([idsOf(first), kept, [mixed[5]!.envelope.id]]));
    const [row] = await db.worker.sql<{ envelope: string }[]>`select envelope from outbox where events = 3`;
    expect(JSON.parse(row!.envelope)).toEqual([mixed[1]!, mixed[2]!, mixed[4]!].map((event) => event.envelope));
    expect(await put(mixed.filter((event) => event.dedupeKey))).toEqual([]);
  });

  test('leaves a single event alone in its event batch, and writes no row without any', async () => {
    await put([keyed('a'), keyed('b')]);
    const [again, fresh] = [keyed('a'), keyed('c')];
    expect(await put([again, fresh])).toEqual([fresh.envelope.id]);
    expect(await put([keyed('a'), keyed('b')])).toEqual([]);
    const found = await db.worker.sql<{ envelope: string }[]>`select envelope from outbox where events = 1`;
    expect(found.map((row) => JSON.parse(row.envelope))).toEqual([fresh.envelope]);
    expect(await rows()).toHaveLength(2);
  });

  test('is free again when its transaction is rolled back', async () => {
    await withWorker(db.worker, async (tx) => {
      await enqueue(tx, keyed('k'));
      throw new Error('changed my mind');
    }).catch(() => {});
    expect(await put(keyed('k'))).toHaveLength(1);
  });

  test('holds for parallel transactions: each event is written once', async () => {
    const keys = Array.from({ length: 150 }, (_, i) => `k${i}`);
    // One statement without a transaction around it, as webhooks are stored; the keys in another
    // order each time.
    const copies = Array.from({ length: 8 }, (_, k) =>
      keys.map((_, i) => keyed(keys[(i * 7 + k * 31) % keys.length]!)),
    );
    const results = await Promise.all(copies.map((events) => enqueue(db.worker.sql as unknown as Tx, events)));
    expect(results.flat()).toHaveLength(keys.length);
    const stored = await db.worker.sql<{ envelope: string }[]>`select envelope from outbox`;
    const bodies = stored.flatMap((row) => [JSON.parse(row.envelope)].flat().map((one) => one.data.body));
    expect(bodies.sort()).toEqual([...keys].sort());
  });

  test('waits for a parallel transaction with the same key, and is taken only if that rolls back', async () => {
    for (const commits of [true, false]) {
      const [taken, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const first = withWorker(db.worker, async (tx) => {
        await enqueue(tx, keyed(`k ${commits}`));
        taken.resolve();
        await released.promise;
        if (!commits) throw new Error('changed my mind');
      }).catch(() => {});
      await taken.promise;
      const second = put([keyed(`k ${commits}`), keyed(`other ${commits}`)]);
      await waitsForALock();
      released.resolve();
      await first;
      expect(await second).toHaveLength(commits ? 1 : 2);
    }
  });

  test('is deleted with the outbox after 72 hours, but an event that waits for its next try is kept', async () => {
    await put([keyed('old'), keyed('young')]);
    await db.worker.sql`update outbox_keys set created_at = now() - interval '73 hours' where key = any(array(
      select key from outbox_keys limit 1))`;
    await db.worker.sql`
      insert into delivery_tries (consumer, event_id, tries, last_error, updated_at, envelope, next_try_at)
      values ('c', ${uuidv7()}, 1, '', now() - interval '31 days', '{}', now()),
             ('c', ${uuidv7()}, 1, '', now() - interval '31 days', null, null)`;
    await prune(db.worker.sql);
    expect(await db.worker.sql`select 1 from outbox_keys`).toHaveLength(1);
    expect(await db.worker.sql`select envelope from delivery_tries`).toEqual([{ envelope: '{}' }]);
  });
});

test('the keys of the version before still count after its migration', async () => {
  const folder = fileURLToPath(new URL('../scratch/migrations', import.meta.url));
  const before = mkdtempSync(join(tmpdir(), 'recado-migrations-'));
  removeAtEnd(before);
  cpSync(folder, before, { recursive: true });
  const journal = join(before, 'meta/_journal.json');
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8'));
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.slice(0, 1) }));
  const database = await testDatabase('upgrade');
  const shared = { adminUrl: database.adminUrl, service: 'scratch', schema: 'scratch', appPassword: 'scratch' };
  await migrate({ ...shared, migrationsFolder: before, workerPassword: 'scratch' });
  const admin = connect({ url: database.adminUrl, name: 'upgrade', max: 1 });
  try {
    const old = keyed('wamid.ñandú');
    await admin.sql`set search_path = scratch`;
    await admin.sql`
      insert into outbox (id, tenant_id, subject, envelope, dedupe_key)
      values (${old.envelope.id}, ${tenant}, ${old.subject}, ${JSON.stringify(old.envelope)}, ${old.dedupeKey!})`;
    await migrate({ ...shared, migrationsFolder: folder, workerPassword: 'scratch' });
    expect(await enqueue(admin.sql as unknown as Tx, [keyed('wamid.ñandú'), keyed('another')])).toHaveLength(1);
    expect(await admin.sql`select events from outbox where id = ${old.envelope.id}`).toEqual([{ events: 1 }]);
    const [forced] = await admin.sql`select relforcerowsecurity as forced from pg_class where oid = 'outbox'::regclass`;
    expect(forced).toEqual({ forced: true });
  } finally {
    await admin.close();
    await database.drop();
  }
});
