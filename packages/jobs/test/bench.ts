// Rates of enqueue, claim and finish: node packages/jobs/test/bench.ts [FOLDER_WITH_PG_BOSS].
// Starts a Postgres server of its own, which keeps every byte.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { uuidv7 } from '@recado/contracts';
import { connect, migrate, rolesOf } from '@recado/database';
import { freePort, planPostgres, spawnProcess, stopProcess, waitUntilReady } from '@recado/testkit/servers';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { defineJob, enqueueJobs, runs, startJobs } from '../src/index.ts';

const JOBS = 20_000;
const PLACES = 100;
const BATCH = 500;

const dir = mkdtempSync(join(tmpdir(), 'recado-bench-jobs-'));
chmodSync(dir, 0o711); // Postgres may run as another user
const plan = await planPostgres({
  mode: 'dev',
  password: 'bench',
  port: await freePort(),
  dataDir: join(dir, 'postgres'),
});
await plan.run!.before?.();
const server = spawnProcess(plan.run!, { file: join(dir, 'postgres.log') });
await waitUntilReady(plan);
const url = new URL(plan.url);

const rate = (count: number, since: number) => Math.round(count / ((performance.now() - since) / 1000));
const measured: Record<string, number | string>[] = [];

async function benchOurs(): Promise<void> {
  await migrate({
    adminUrl: url.href,
    service: 'scratch-jobs',
    schema: 'scratch_jobs',
    migrationsFolder: fileURLToPath(new URL('./scratch/migrations', import.meta.url)),
    appPassword: 'scratch',
    workerPassword: 'scratch',
  });
  const workerUrl = new URL(url);
  workerUrl.username = rolesOf('scratch_jobs').worker;
  workerUrl.password = 'scratch';
  const db = connect({ url: workerUrl.href, name: 'bench', max: 10 });
  const job = defineJob('bench', {
    schema: z.object({ i: z.int() }),
    lease: 60_000,
    concurrency: { places: PLACES, perTenant: PLACES },
  });
  const tenants = Array.from({ length: 20 }, () => uuidv7());
  let started = performance.now();
  for (let i = 0; i < JOBS; i += BATCH) {
    const jobs = Array.from({ length: BATCH }, (_, k) => ({ tenantId: tenants[k % 20]!, data: { i: i + k } }));
    await db.sql.begin((tx) => enqueueJobs(tx, job, jobs));
  }
  const enqueued = rate(JOBS, started);
  const all = Promise.withResolvers<void>();
  let done = 0;
  started = performance.now();
  const copy = startJobs({
    db: db.sql,
    log: console,
    registry: new Registry(),
    jobs: [
      runs(job, async () => {
        if (++done === JOBS) all.resolve();
      }),
    ],
  });
  await all.promise;
  await copy.stop();
  measured.push({ engine: 'packages/jobs', 'enqueued/s': enqueued, 'claimed and finished/s': rate(JOBS, started) });
  await db.close();
}

async function benchBoss(folder: string): Promise<void> {
  const { PgBoss } = await import(`${folder}/node_modules/pg-boss/dist/index.js`);
  // On its own driver: its scripts begin transactions in their text, which postgres.js refuses.
  const boss = new PgBoss({ connectionString: url.href, max: 10 });
  boss.on('error', console.error);
  await boss.start();
  await boss.createQueue('bench');
  let started = performance.now();
  for (let i = 0; i < JOBS; i += BATCH) {
    await boss.insert(
      'bench',
      Array.from({ length: BATCH }, (_, k) => ({ data: { i: i + k }, group: { id: `t${k % 20}` } })),
    );
  }
  const enqueued = rate(JOBS, started);
  for (const grouped of [false, true]) {
    if (grouped) {
      for (let i = 0; i < JOBS; i += BATCH) {
        await boss.insert(
          'bench',
          Array.from({ length: BATCH }, (_, k) => ({ data: { i: i + k }, group: { id: `t${k % 20}` } })),
        );
      }
    }
    started = performance.now();
    let done = 0;
    while (done < JOBS) {
      const jobs = await boss.fetch('bench', { batchSize: PLACES, ...(grouped ? { groupConcurrency: PLACES } : {}) });
      if (jobs.length > 0)
        await boss.complete(
          'bench',
          jobs.map((job: { id: string }) => job.id),
        );
      done += jobs.length;
      if (performance.now() - started > 60_000) break;
    }
    const engine = grouped ? 'pg-boss, with a limit per group' : 'pg-boss';
    measured.push({ engine, 'enqueued/s': enqueued, 'claimed and finished/s': rate(done, started) });
  }
  await boss.stop({ graceful: false });
}

try {
  await benchOurs();
  const folder = process.argv[2];
  if (folder) await benchBoss(folder);
  console.table(measured);
} finally {
  await stopProcess(server);
  rmSync(dir, { recursive: true, force: true });
}
