import { uuidv7 } from '@recado/contracts';
import { connect, type Database, withWorker } from '@recado/database';
import { type TestDatabase, testDatabase } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { claimJobs } from '../src/replies/queue.ts';

/** As a copy has them by default. */
const PLACES = 8;
const PER_TENANT = 4;

let database: TestDatabase;
let worker: Database;
let admin: Database;
beforeAll(async () => {
  database = await testDatabase('ai_claims');
  worker = connect({ url: database.workerUrl('ai-responder'), name: 'test-worker', max: 1 });
  admin = connect({ url: database.adminUrl, name: 'test-admin', max: 1 });
});
afterAll(async () => {
  await Promise.all([worker.close(), admin.close()]);
  await database.drop();
});
beforeEach(() => admin.sql`truncate ai_responder.pending_replies`);

/** Replies that have been due for so many minutes. */
const due = (tenantId: string, count: number, minutes: number) => admin.sql`
  insert into ai_responder.pending_replies (tenant_id, inbound_message_id, conversation_id, state, inbound_at, is_new, next_try_at)
  select ${tenantId}, gen_random_uuid(), gen_random_uuid(), 'due', now(), false, now() - make_interval(mins => ${minutes})
  from generate_series(1, ${count})`;

/** A copy's places: what runs ends in the order it came, one by one. */
function createPlaces() {
  const running: string[] = [];
  return {
    running,
    end: () => running.shift(),
    async claim(): Promise<string[]> {
      const counts = new Map<string, number>();
      for (const id of running) counts.set(id, (counts.get(id) ?? 0) + 1);
      const options = { limit: PLACES - running.length, perTenant: PER_TENANT, running: counts, leaseMs: 45_000 };
      const jobs = await withWorker(worker, (tx) => claimJobs(tx, options));
      running.push(...jobs.map((job) => job.tenantId));
      return jobs.map((job) => job.tenantId);
    },
  };
}

it('A tenant’s first reply is claimed at once beside another tenant’s 1,000 waiting ones', async () => {
  const [flooding, calm] = [uuidv7(), uuidv7()];
  await due(flooding, 1000, 10);
  const places = createPlaces();
  expect(await places.claim()).toEqual(Array(PER_TENANT).fill(flooding));
  await due(calm, 1, 0);
  expect(await places.claim()).toEqual([calm]);
});

it('A tenant’s first reply gets the next free place although three tenants with 1,000 waiting ones fill all places', async () => {
  const flooding = [uuidv7(), uuidv7(), uuidv7()];
  for (const [i, tenantId] of flooding.entries()) await due(tenantId, 1000, 10 + i);
  const places = createPlaces();
  expect(await places.claim()).toHaveLength(PLACES);
  const calm = uuidv7();
  await due(calm, 1, 0);
  places.end();
  expect(await places.claim()).toEqual([calm]);
});

it('Tenants with equal backlogs are claimed for in turns, whatever has been due for longest', async () => {
  const tenants = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  for (const [i, tenantId] of tenants.entries()) await due(tenantId, 100, 10 * (i + 1));
  const places = createPlaces();
  const claimed = await places.claim();
  for (let i = 0; i < 40; i++) {
    places.end();
    claimed.push(...(await places.claim()));
  }
  const counts = tenants.map((tenantId) => claimed.filter((id) => id === tenantId).length);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});
