import { parseArgs } from 'node:util';
import { SERVICE_SCHEMAS } from '@recado/database';
import { type DeadJobFilter, listDeadJobs, replayDeadJobs } from '@recado/jobs';
import { type DeadLetterFilter, listDeadLetters, replayDeadLetters } from '@recado/messaging';
import postgres from 'postgres';
import { findRunning } from './running.ts';

const HELP = `Events that failed eight times and were parked, and jobs that were given up, over all services.

  npm run dead-letters -- list   [--service NAME] [--consumer NAME | --job NAME] [--tenant ID] [--limit 50] [--json]
  npm run dead-letters -- replay [--service NAME] [--consumer NAME | --job NAME] [--tenant ID] [--id ID]…

Replayed events go to the consumer that parked them and to no other; what fails again is parked again.
Reads DATABASE_URL (a role that may read the services' schemas), else the npm start that runs here.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    service: { type: 'string' },
    consumer: { type: 'string' },
    job: { type: 'string' },
    tenant: { type: 'string' },
    id: { type: 'string', multiple: true },
    limit: { type: 'string', default: '50' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const command = positionals[0];
const limit = Number(values.limit);
const services = Object.entries(SERVICE_SCHEMAS).filter(([service]) => !values.service || service === values.service);
const problem =
  command !== 'list' && command !== 'replay'
    ? 'Say list or replay.'
    : services.length === 0
      ? `No service is called ${values.service}.`
      : !Number.isInteger(limit) || limit < 1 || limit > 10_000
        ? '--limit takes 1 to 10000.'
        : null;
if (values.help || problem) {
  console.error(values.help ? HELP : `${problem}\n\n${HELP}`);
  process.exit(values.help ? 0 : 2);
}
const url = process.env.DATABASE_URL || findRunning()?.servers?.databaseUrl;
if (!url) {
  console.error('No mesh runs here. Start it (npm start) or set DATABASE_URL.');
  process.exit(1);
}

const shared = {
  ...(values.tenant ? { tenantId: values.tenant } : {}),
  ...(values.id ? { ids: values.id } : {}),
};
const letters: DeadLetterFilter = { ...shared, ...(values.consumer ? { consumer: values.consumer } : {}) };
const jobs: DeadJobFilter = { ...shared, ...(values.job ? { name: values.job } : {}) };
// A consumer has no jobs, and a job no consumer.
const kinds = [...(values.job ? [] : [letterKind]), ...(values.consumer ? [] : [jobKind])];

interface Line {
  at: Date;
  /** Of what: a consumer and subject, or a job. */
  of: string;
  tries: number;
  note: string;
  id: string;
  error: string;
  whole: object;
}

let total = 0;
for (const [service, schema] of services) {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, connection: { search_path: schema } });
  try {
    for (const kind of kinds) total += await (command === 'replay' ? replay : list)(service, kind(sql));
  } finally {
    await sql.end();
  }
}
if (!values.json)
  console.log(total === 0 ? 'No dead letters.' : command === 'list' ? `${total} parked.` : `${total} asked for.`);

interface Kind {
  replay(): Promise<number>;
  list(): Promise<Line[]>;
}

function letterKind(sql: postgres.Sql): Kind {
  return {
    replay: () => replayDeadLetters(sql, letters),
    list: async () =>
      (await listDeadLetters(sql, { ...letters, limit })).map((letter) => {
        const { parkedAt: at, consumer, subject, tries, id, error, replayRequestedAt } = letter;
        const note = replayRequestedAt ? ', to be tried again' : '';
        return { at, of: `${consumer}  ${subject}`, tries, note, id, error, whole: letter };
      }),
  };
}

function jobKind(sql: postgres.Sql): Kind {
  return {
    replay: () => replayDeadJobs(sql, jobs),
    list: async () =>
      (await listDeadJobs(sql, { ...jobs, limit })).map((job) => {
        const { endedAt: at, name, tenantId, tries, id, lastError } = job;
        return { at, of: `job ${name}  ${tenantId}`, tries, note: '', id, error: lastError ?? '', whole: job };
      }),
  };
}

async function replay(service: string, kind: Kind): Promise<number> {
  const asked = await unlessMissing(kind.replay(), 0);
  if (asked > 0) console.log(`${service}: ${asked} to be tried again`);
  return asked;
}

async function list(service: string, kind: Kind): Promise<number> {
  const lines = await unlessMissing(kind.list(), []);
  for (const { at, of, tries, note, id, error, whole } of lines) {
    if (values.json) console.log(JSON.stringify({ service, ...whole }));
    else console.log(`${at.toISOString()}  ${of}  ${tries} tries${note}\n  ${id}  ${error.split('\n', 1)[0]}`);
  }
  return lines.length;
}

/** 42P01: the service was never migrated here, or has no jobs. */
async function unlessMissing<T>(work: Promise<T>, none: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if ((error as { code?: string }).code !== '42P01') throw error;
    return none;
  }
}
