import { uuidv7 } from '@recado/contracts';
import { withTenant, withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  enqueueJob,
  enqueueJobs,
  findJob,
  finishJob,
  GiveUp,
  type Jobs,
  listDeadJobs,
  postponeJob,
  pruneJobs,
  type RunningJob,
  replayDeadJobs,
  runs,
} from '../src/index.ts';
import { noteJob } from './note-job.ts';
import { type Scratch, scratchDatabase, tenant } from './support.ts';

type Note = RunningJob<{ text: string }>;

let scratch: Scratch;
let copies: Jobs[] = [];
beforeAll(async () => {
  scratch = await scratchDatabase('jobs');
});
afterEach(async () => {
  await Promise.all(copies.map((copy) => copy.stop()));
  copies = [];
  await scratch.worker.sql`delete from jobs`;
  await scratch.worker.sql`delete from results`;
});
afterAll(() => scratch.drop());

function start(handle: (job: Note) => Promise<void>, options: Parameters<typeof runs>[2] & { pollMs?: number } = {}) {
  const copy = scratch.start([runs(noteJob, handle, options)], options);
  copies.push(copy);
  return copy;
}
const save = (job: Note) =>
  scratch.worker.sql`insert into results (tenant_id, text) values (${job.tenantId}, ${job.data.text})`;
const saveJob = async (job: Note) => void (await save(job));

describe('a job', () => {
  it('runs right after the commit that added it, without waiting for the poll', async () => {
    start(saveJob, { pollMs: 60_000 });
    await eventually(async () => expect(await scratch.worker.sql`select 1`).toHaveLength(1));
    const id = await scratch.enqueue('committed');
    await scratch.reaches(id!, 'done');
    expect(await scratch.texts()).toEqual(['committed']);
    expect(await scratch.job(id!)).toMatchObject({ claim: 1, tries: 0, lost: 0, lastError: null });
  });

  it('never runs when its transaction rolls back', async () => {
    start(saveJob);
    const refused = withTenant(scratch.app, tenant, async (tx) => {
      await enqueueJob(tx, noteJob, tenant, { text: 'rolled back' });
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    const id = await scratch.enqueue('after');
    await scratch.reaches(id!, 'done');
    expect(await scratch.texts()).toEqual(['after']);
  });

  it('with a known key of the same tenant is not added, also while the first is done', async () => {
    const other = uuidv7();
    const [first, again, elsewhere] = [
      await scratch.enqueue('first', { key: 'k' }),
      await scratch.enqueue('again', { key: 'k' }),
      await scratch.enqueue('elsewhere', { key: 'k', tenantId: other }),
    ];
    expect([first !== null, again, elsewhere !== null]).toEqual([true, null, true]);
    start(saveJob);
    await scratch.reaches(first!, 'done');
    expect(await scratch.enqueue('later', { key: 'k' })).toBeNull();
    await scratch.reaches(elsewhere!, 'done');
    expect([await scratch.texts(), await scratch.texts(other)]).toEqual([['first'], ['elsewhere']]);
  });

  it('added by ten transactions at once under one key is added once', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, (_, i) => scratch.enqueue(`${i}`, { key: 'same' })));
    expect(ids.filter((id) => id !== null)).toHaveLength(1);
  });

  it('with data that its definition refuses is not added', async () => {
    await expect(scratch.enqueue('')).rejects.toThrow(/text/);
    expect(await scratch.worker.sql`select 1 from jobs`).toHaveLength(0);
  });

  it('whose stored data is refused is given up at once, naming the field', async () => {
    const id = await scratch.enqueue('fine');
    await scratch.worker.sql`update jobs set data = '{"text": 5}' where id = ${id}`;
    start(saveJob);
    await scratch.reaches(id!, 'dead');
    expect((await scratch.job(id!))!.lastError).toMatch(/^GiveUp: data\.text: /);
  });

  it('of higher priority goes first', async () => {
    for (const [i, priority] of [0, 5, -5, 9].entries()) await scratch.enqueue(`${i}`, { priority });
    const seen: string[] = [];
    start(async (job) => void seen.push(job.data.text), { concurrency: 1 });
    await eventually(() => expect(seen).toEqual(['3', '1', '0', '2']));
  });

  it('scheduled for later runs then, and not before', async () => {
    const runAt = new Date(Date.now() + 400);
    let ranAt = 0;
    start(
      async () => {
        ranAt = Date.now();
      },
      { pollMs: 5000 },
    );
    const id = await scratch.enqueue('later', { runAt });
    expect((await scratch.job(id!))!.state).toBe('scheduled');
    await scratch.reaches(id!, 'done');
    expect(ranAt).toBeGreaterThanOrEqual(runAt.getTime());
    expect(ranAt - runAt.getTime()).toBeLessThan(4000);
  });
});

describe('a try that fails', () => {
  it('is repeated after its pauses until the job is dead, and a replay gives it all tries again', async () => {
    let broken = true;
    let tries = 0;
    start(async (job) => {
      tries++;
      if (broken) throw new Error('no paper\u0000');
      await save(job);
    });
    const id = await scratch.enqueue('stubborn');
    await scratch.reaches(id!, 'dead');
    expect(tries).toBe(3);
    expect(await scratch.job(id!)).toMatchObject({ tries: 3, lastError: 'Error: no paper\uFFFD' });
    const letters = await withWorker(scratch.worker, () => listDeadJobs(scratch.worker.sql, { name: 'note' }));
    expect(letters).toMatchObject([{ id, tenantId: tenant, data: { text: 'stubborn' }, tries: 3 }]);
    broken = false;
    expect(await replayDeadJobs(scratch.worker.sql, { tenantId: uuidv7() })).toBe(0);
    expect(await replayDeadJobs(scratch.worker.sql, { ids: [id!] })).toBe(1);
    await scratch.reaches(id!, 'done');
    expect(await scratch.texts()).toEqual(['stubborn']);
    expect(await listDeadJobs(scratch.worker.sql)).toEqual([]);
  });

  it('that throws GiveUp is the last', async () => {
    let tries = 0;
    start(async () => {
      tries++;
      throw new GiveUp('the file is gone');
    });
    const id = await scratch.enqueue('hopeless');
    await scratch.reaches(id!, 'dead');
    expect([tries, (await scratch.job(id!))!.lastError]).toEqual([1, 'GiveUp: the file is gone']);
  });
});

describe('the end of a job', () => {
  it('commits with what its handler writes', async () => {
    let attempts = 0;
    start((job) =>
      job.commit(async (tx) => {
        await tx`insert into results (tenant_id, text) values (${job.tenantId}, ${job.data.text})`;
        expect(await finishJob(tx, job)).toBe(true);
        // The first commit fails: its writes and its end are both undone.
        if (++attempts === 1) throw new Error('lost the connection');
      }),
    );
    const id = await scratch.enqueue('together');
    await scratch.reaches(id!, 'done');
    expect([attempts, await scratch.texts()]).toEqual([2, ['together']]);
    expect(await scratch.job(id!)).toMatchObject({ claim: 1, tries: 0 });
  });

  it('may be postponed by the handler, which does not count as a try', async () => {
    let runsSeen = 0;
    start(async (job) => {
      if (++runsSeen < 4) await job.commit((tx) => postponeJob(tx, job, 20));
      else await save(job);
    });
    const id = await scratch.enqueue('patient');
    await scratch.reaches(id!, 'done');
    expect(await scratch.job(id!)).toMatchObject({ claim: 4, tries: 0 });
    expect(await scratch.texts()).toEqual(['patient']);
  });

  it('is not written by a copy that lost its lease', async () => {
    const [secondRuns, firstEnded] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const wrote: boolean[] = [];
    let first = true;
    start(
      async (job) => {
        if (!first) {
          secondRuns.resolve();
          await firstEnded.promise;
          await save(job);
          return;
        }
        first = false;
        await secondRuns.promise;
        await job.commit(async (tx) => {
          wrote.push(await finishJob(tx, job));
          if (wrote.at(-1)) await tx`insert into results (tenant_id, text) values (${job.tenantId}, 'late')`;
        });
        firstEnded.resolve();
      },
      { lease: 1000 },
    );
    const id = await scratch.enqueue('in time');
    await scratch.reaches(id!, 'done');
    expect([wrote, await scratch.texts()]).toEqual([[false], ['in time']]);
    expect(await scratch.job(id!)).toMatchObject({ claim: 2, state: 'done' });
  });

  it('comes as given up when its lease runs out again and again', async () => {
    const forever = Promise.withResolvers<void>();
    let claims = 0;
    start(
      async () => {
        claims++;
        await forever.promise;
      },
      { lease: 100, concurrency: { places: 8, perTenant: 8 } },
    );
    const id = await scratch.enqueue('poison');
    await scratch.reaches(id!, 'dead');
    forever.resolve();
    expect(claims).toBe(3);
    expect((await scratch.job(id!))!.lastError).toBe('GiveUp: The lease ran out 3 times');
  });
});

describe('progress', () => {
  it('is seen by the tenant, and keeps the lease of a job that lasts longer', async () => {
    const release = Promise.withResolvers<void>();
    let claims = 0;
    start(
      async (job) => {
        claims++;
        for (let done = 1; done <= 12; done++) {
          job.progress({ done, of: 12 });
          await new Promise((resolve) => setTimeout(resolve, 60));
        }
        await release.promise;
      },
      { lease: 400 },
    );
    const id = await scratch.enqueue('long');
    const seen = () => withTenant(scratch.app, tenant, (tx) => findJob(tx, tenant, id!));
    await eventually(async () => expect((await seen())!.progress).toMatchObject({ of: 12 }));
    await eventually(async () => expect((await seen())!.progress).toEqual({ done: 12, of: 12 }));
    release.resolve();
    await scratch.reaches(id!, 'done');
    expect(claims).toBe(1);
    expect(await withTenant(scratch.app, uuidv7(), (tx) => findJob(tx, tenant, id!))).toBeNull();
  });

  it('aborts the job whose lease another copy has', async () => {
    const aborted = Promise.withResolvers<void>();
    let first = true;
    start(
      async (job) => {
        if (!first) return;
        first = false;
        await scratch.worker.sql`update jobs set claim = claim + 1 where id = ${job.id}`;
        job.signal.addEventListener('abort', () => aborted.resolve());
        job.progress({ done: 1 });
        await aborted.promise;
      },
      { lease: 1000 },
    );
    const id = await scratch.enqueue('taken');
    await aborted.promise;
    await scratch.reaches(id!, 'done');
  });
});

describe('a copy that stops', () => {
  it('gives unfinished jobs back, and another copy runs them at once', async () => {
    const claimed = Promise.withResolvers<void>();
    const copy = start(async (job) => {
      claimed.resolve();
      await new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason)));
    });
    const id = await scratch.enqueue('handed over');
    await claimed.promise;
    await copy.stop();
    expect(await scratch.job(id!)).toMatchObject({ state: 'queued', tries: 0, lost: 0 });
    start(saveJob);
    await scratch.reaches(id!, 'done');
    expect(await scratch.texts()).toEqual(['handed over']);
  });
});

it('Ten copies run a thousand jobs once each', async () => {
  const texts = Array.from({ length: 1000 }, (_, i) => String(i).padStart(4, '0'));
  await withTenant(scratch.app, tenant, (tx) =>
    enqueueJobs(
      tx,
      noteJob,
      texts.map((text) => ({ tenantId: tenant, data: { text } })),
    ),
  );
  for (let i = 0; i < 10; i++) start(saveJob, { concurrency: { places: 20, perTenant: 20 } });
  await eventually(async () => {
    const rows = await scratch.worker.sql<{ count: number }[]>`
      select count(*)::int as count from jobs where state = 'done' and claim = 1`;
    expect(rows[0]!.count).toBe(1000);
  });
  expect(await scratch.texts()).toEqual(texts);
});

it('Pruning removes jobs that were done long ago, and leaves dead and waiting ones', async () => {
  const ids = [];
  for (const text of ['old', 'new', 'dead', 'waiting']) ids.push(await scratch.enqueue(text));
  const [old, recent, dead] = ids;
  await scratch.worker.sql`update jobs set state = 'done', ended_at = now() - interval '8 days' where id = ${old!}`;
  await scratch.worker.sql`update jobs set state = 'done', ended_at = now() - interval '6 days' where id = ${recent!}`;
  await scratch.worker.sql`update jobs set state = 'dead', ended_at = now() - interval '90 days' where id = ${dead!}`;
  expect(await pruneJobs(scratch.worker.sql, 'other', 7)).toBe(0);
  expect(await pruneJobs(scratch.worker.sql, 'note', 7)).toBe(1);
  const left = await scratch.worker.sql<{ id: string }[]>`select id from jobs`;
  expect(left.map((row) => row.id).sort()).toEqual(ids.slice(1).sort());
});

it('Row security hides the jobs of other tenants and refuses jobs in their name', async () => {
  const other = uuidv7();
  await scratch.enqueue('mine');
  const seen = await withTenant(scratch.app, other, (tx) => tx`select 1 from jobs`);
  expect(seen).toHaveLength(0);
  await expect(
    withTenant(scratch.app, other, (tx) => enqueueJob(tx, noteJob, tenant, { text: 'forged' })),
  ).rejects.toThrow(/row-level security/);
  const [table] = await scratch.admin.sql`
    select relrowsecurity and relforcerowsecurity as forced from pg_class where oid = 'scratch_jobs.jobs'::regclass`;
  expect(table).toMatchObject({ forced: true });
});

it('Metrics count ends by result, and what waits or is dead', async () => {
  const registry = new Registry();
  const id = await scratch.enqueue('counted');
  await scratch.worker.sql`
    insert into jobs (tenant_id, id, name, state, data, run_at, ended_at)
    values (${tenant}, ${uuidv7()}, 'note', 'dead', '{}', now(), now())`;
  copies.push(scratch.start([runs(noteJob, saveJob)], { registry }));
  await scratch.reaches(id!, 'done');
  await eventually(async () => {
    const text = await registry.metrics();
    expect(text).toContain('recado_jobs_ended_total{job="note",result="done"} 1');
    expect(text).toContain('recado_jobs_dead{job="note"} 1');
  });
});
