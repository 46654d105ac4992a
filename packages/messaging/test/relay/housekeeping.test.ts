import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enqueue, KEEP_HOURS } from '../../src/index.ts';
import { prune } from '../../src/relay/housekeeping.ts';
import { note, type ScratchDatabase, scratchDatabase } from '../support.ts';

let db: ScratchDatabase;

beforeAll(async () => {
  db = await scratchDatabase('housekeeping');
});
afterAll(() => db?.drop());

test('housekeeping deletes old rows that were published, and never a row that was not, however old', async () => {
  const [sentOld] = await withWorker(db.worker, (tx) => enqueue(tx, note('sent, old')));
  const [unsentOld] = await withWorker(db.worker, (tx) => enqueue(tx, note('unsent, old')));
  const [sentNew] = await withWorker(db.worker, (tx) => enqueue(tx, note('sent, new')));
  const [unsentNew] = await withWorker(db.worker, (tx) => enqueue(tx, note('unsent, new')));
  await db.admin.sql`
    update scratch.outbox set created_at = now() - make_interval(hours => ${KEEP_HOURS + 1})
    where id in (${sentOld!}, ${unsentOld!})`;
  await db.admin.sql`update scratch.outbox set published_at = now() where id in (${sentOld!}, ${sentNew!})`;
  await prune(db.worker.sql);
  const left = await db.worker.sql<{ id: string }[]>`select id from outbox`;
  expect(left.map(({ id }) => id).sort()).toEqual([unsentOld, sentNew, unsentNew].sort());
});
