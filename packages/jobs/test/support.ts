import { fileURLToPath } from 'node:url';
import { uuidv7 } from '@recado/contracts';
import { connect, type Database, migrate, rolesOf, withTenant } from '@recado/database';
import { eventually, testDatabase } from '@recado/testkit';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import { type EnqueueOptions, enqueueJob, type JobRow, type Jobs, type Runs, startJobs } from '../src/index.ts';
import { noteJob } from './note-job.ts';

const SCHEMA = 'scratch_jobs';
const PASSWORD = 'scratch';

export interface Scratch {
  /** Tenant-scoped role. */
  app: Database;
  worker: Database;
  workerUrl: string;
  admin: Database;
  enqueue(text: string, options?: EnqueueOptions & { tenantId?: string }): Promise<string | null>;
  /** Starts a copy that runs these jobs; drop() stops it. */
  start(jobs: readonly Runs[], options?: { pollMs?: number; registry?: Registry }): Jobs;
  job(id: string): Promise<(JobRow & { claim: number; lost: number }) | undefined>;
  /** Waits until the job is in this state. */
  reaches(id: string, state: string): Promise<void>;
  texts(tenantId?: string): Promise<string[]>;
  drop(): Promise<void>;
}

export const tenant = uuidv7();
const log = { info() {}, warn() {}, error() {} };

/** A database of its own with the scratch schema. */
export async function scratchDatabase(label: string): Promise<Scratch> {
  const database = await testDatabase(label);
  const { adminUrl } = database;
  await migrate({
    adminUrl,
    service: 'scratch-jobs',
    schema: SCHEMA,
    migrationsFolder: fileURLToPath(new URL('./scratch/migrations', import.meta.url)),
    appPassword: PASSWORD,
    workerPassword: PASSWORD,
  });
  const { app: appRole, worker: workerRole } = rolesOf(SCHEMA);
  const app = connect({ url: urlOf(adminUrl, appRole), name: label, max: 4 });
  const worker = connect({ url: urlOf(adminUrl, workerRole), name: label });
  const admin = connect({ url: adminUrl, name: label, max: 2 });
  const started: Jobs[] = [];
  const job = async (id: string) => {
    const [row] = await worker.sql<(JobRow & { claim: number; lost: number })[]>`
      select id, name, key, state, progress, tries, claim, lost, last_error as "lastError", run_at as "runAt",
             created_at as "createdAt", ended_at as "endedAt" from jobs where id = ${id}`;
    return row;
  };
  return {
    app,
    worker,
    workerUrl: urlOf(adminUrl, workerRole),
    admin,
    job,
    enqueue: (text, { tenantId = tenant, ...options } = {}) =>
      withTenant(app, tenantId, (tx) => enqueueJob(tx, noteJob, tenantId, { text }, options)),
    start(jobs, { pollMs = 50, registry = new Registry() } = {}) {
      const copy = startJobs({ db: worker.sql, writers: [app.sql], log, registry, jobs, pollMs });
      started.push(copy);
      return copy;
    },
    reaches: (id, state) => eventually(async () => expect((await job(id))?.state).toBe(state)),
    texts: async (tenantId = tenant) => {
      const rows = await worker.sql<{ text: string }[]>`
        select text from results where tenant_id = ${tenantId} order by text`;
      return rows.map((row) => row.text);
    },
    async drop() {
      await Promise.all(started.map((copy) => copy.stop()));
      await Promise.all([app.close(), worker.close(), admin.close()]);
      await database.drop();
    },
  };
}

function urlOf(adminUrl: string, role: string): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = PASSWORD;
  return url.href;
}
