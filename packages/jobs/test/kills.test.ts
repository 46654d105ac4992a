import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishJob, runs } from '../src/index.ts';
import { noteJob } from './note-job.ts';
import { type Scratch, scratchDatabase } from './support.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await scratchDatabase('jobs_kills');
});
afterAll(() => scratch.drop());

/** Starts a copy that kills itself in this phase, and waits for its death. */
async function runDoomed(phase: string, tenantId: string): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./doomed.ts', import.meta.url))], {
    env: { ...process.env, DOOMED_URL: scratch.workerUrl, DOOMED_PHASE: phase, DOOMED_TENANT: tenantId },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}

/** The copy that takes over. */
const startHeir = () =>
  scratch.start([
    runs(noteJob, (job) =>
      job.commit(async (tx) => {
        if (await finishJob(tx, job))
          await tx`insert into results (tenant_id, text) values (${job.tenantId}, ${job.data.text})`;
      }),
    ),
  ]);

it.each([
  ['claimed', 'note', 1],
  ['ending', 'note', 1],
  ['ended', 'note', 1],
  ['written', 'plain', 2],
  ['returned', 'plain', 2],
])('A process killed when a job is %s loses nothing: %s is written %i times', async (phase, text, times) => {
  const tenantId = uuidv7();
  const id = await scratch.enqueue(text, { tenantId });
  await runDoomed(phase, tenantId);
  expect((await scratch.job(id!))!.state).toBe(phase === 'ended' ? 'done' : 'running');
  const heir = startHeir();
  await scratch.reaches(id!, 'done');
  expect(await scratch.texts(tenantId)).toEqual(Array(times).fill(text));
  expect(await scratch.job(id!)).toMatchObject({ claim: phase === 'ended' ? 1 : 2 });
  await heir.stop();
});

it('A process killed before the commit of an enqueue leaves no job', async () => {
  const tenantId = uuidv7();
  await runDoomed('enqueue', tenantId);
  await eventually(async () => {
    const rows = await scratch.admin.sql`select 1 from pg_stat_activity where application_name = 'doomed'`;
    expect(rows).toHaveLength(0);
  });
  expect(await scratch.worker.sql`select 1 from jobs where tenant_id = ${tenantId}`).toHaveLength(0);
});
