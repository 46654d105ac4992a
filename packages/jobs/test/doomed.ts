// A copy that is killed in one phase of a job. Run by kills.test.ts, which says the phase.
import { connect } from '@recado/database';
import { Registry } from 'prom-client';
import { enqueueJob, finishJob, runs, startJobs } from '../src/index.ts';
import { noteJob } from './note-job.ts';

const { DOOMED_URL: url, DOOMED_PHASE: phase, DOOMED_TENANT: tenantId } = process.env;
if (!url || !phase || !tenantId) throw new Error('DOOMED_URL, DOOMED_PHASE and DOOMED_TENANT must be set');

const db = connect({ url, name: 'doomed' });
const dieIn = (one: string) => {
  if (phase === one) process.kill(process.pid, 'SIGKILL');
};

if (phase === 'enqueue') {
  await db.sql.begin(async (tx) => {
    await enqueueJob(tx, noteJob, tenantId, { text: 'never committed' });
    dieIn('enqueue');
  });
}

const log = { info() {}, warn() {}, error() {} };
startJobs({
  db: db.sql,
  log,
  registry: new Registry(),
  jobs: [
    runs(
      noteJob,
      async (job) => {
        dieIn('claimed');
        if (job.data.text === 'plain') {
          // Its end is written by the worker, after the handler.
          await db.sql`insert into results (tenant_id, text) values (${job.tenantId}, 'plain')`;
          dieIn('written');
          process.nextTick(() => dieIn('returned'));
          return;
        }
        await job.commit(async (tx) => {
          await tx`insert into results (tenant_id, text) values (${job.tenantId}, ${job.data.text})`;
          await finishJob(tx, job);
          dieIn('ending');
        });
        dieIn('ended');
      },
      { lease: 500 },
    ),
  ],
});
