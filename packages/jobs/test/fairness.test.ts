import { uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runs } from '../src/index.ts';
import { claimJobs } from '../src/store.ts';
import { noteJob } from './note-job.ts';
import { type Scratch, scratchDatabase } from './support.ts';

const PLACES = 8;
const PER_TENANT = 4;

let scratch: Scratch;
beforeAll(async () => {
  scratch = await scratchDatabase('jobs_fair');
});
afterAll(() => scratch.drop());
beforeEach(async () => void (await scratch.worker.sql`delete from jobs`));

/** Jobs that have been due for so many minutes. */
const due = (tenantId: string, count: number, minutes: number) => scratch.worker.sql`
  insert into jobs (tenant_id, id, name, state, data, run_at)
  select ${tenantId}, gen_random_uuid(), 'note', 'queued', '{"text": "x"}', now() - make_interval(mins => ${minutes})
  from generate_series(1, ${count})`;

/** A copy's places: what runs ends in the order it came, one by one. */
function createPlaces() {
  const running: string[] = [];
  return {
    end: () => running.shift(),
    async claim(): Promise<string[]> {
      const counts = new Map<string, number>();
      for (const id of running) counts.set(id, (counts.get(id) ?? 0) + 1);
      const limit = PLACES - running.length;
      const options = { name: 'note', limit, perTenant: PER_TENANT, running: counts, leaseMs: 45_000 };
      const jobs = await claimJobs(scratch.worker.sql, options);
      running.push(...jobs.map((job) => job.tenantId));
      return jobs.map((job) => job.tenantId);
    },
  };
}

it('A tenant’s first job is claimed at once beside another tenant’s 1,000 waiting ones', async () => {
  const [flooding, calm] = [uuidv7(), uuidv7()];
  await due(flooding, 1000, 10);
  const places = createPlaces();
  expect(await places.claim()).toEqual(Array(PER_TENANT).fill(flooding));
  await due(calm, 1, 0);
  expect(await places.claim()).toEqual([calm]);
});

it('A tenant’s first job gets the next free place although three tenants with 1,000 waiting ones fill all places', async () => {
  const flooding = [uuidv7(), uuidv7(), uuidv7()];
  for (const [i, tenantId] of flooding.entries()) await due(tenantId, 1000, 10 + i);
  const places = createPlaces();
  expect(await places.claim()).toHaveLength(PLACES);
  const calm = uuidv7();
  await due(calm, 1, 0);
  places.end();
  expect(await places.claim()).toEqual([calm]);
});

it('Tenants with equal backlogs are claimed alternately, not by age', async () => {
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

it('A priority does not overtake another tenant’s turn', async () => {
  const [urgent, calm] = [uuidv7(), uuidv7()];
  await due(urgent, 100, 10);
  await scratch.worker.sql`update jobs set priority = 9`;
  await due(calm, 1, 0);
  const places = createPlaces();
  expect((await places.claim()).filter((id) => id === calm)).toEqual([calm]);
});

it('One job of a tenant is done while another tenant’s 1,000 slow ones keep two copies busy', async () => {
  const [flooding, calm] = [uuidv7(), uuidv7()];
  await due(flooding, 1000, 10);
  let most = 0;
  let under = 0;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const slow = async (job: { tenantId: string }) => {
    if (job.tenantId === calm) return;
    most = Math.max(most, ++under);
    await released;
    under--;
  };
  const copies = [1, 2].map(() => scratch.start([runs(noteJob, slow, { concurrency: 8 })]));
  await eventually(() => expect(under).toBe(8));
  const id = await scratch.enqueue('calm', { tenantId: calm });
  await scratch.reaches(id!, 'done');
  expect({ most, under }).toEqual({ most: 8, under: 8 });
  release();
  await Promise.all(copies.map((copy) => copy.stop()));
});
