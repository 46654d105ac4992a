import { parseArgs } from 'node:util';
import { SERVICE_SCHEMAS } from '@recado/database';
import { type DeadLetterFilter, listDeadLetters, replayDeadLetters } from '@recado/messaging';
import postgres from 'postgres';
import { findRunning } from './running.ts';

const HELP = `Events that failed eight times and were parked, over all services.

  npm run dead-letters -- list   [--service conversation] [--consumer NAME] [--tenant ID] [--limit 50] [--json]
  npm run dead-letters -- replay [--service conversation] [--consumer NAME] [--tenant ID] [--id ID]…

Replayed events go to the consumer that parked them and to no other; what fails again is parked again.
Reads DATABASE_URL (a role that may read the services' schemas), else the npm start that runs here.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    service: { type: 'string' },
    consumer: { type: 'string' },
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

const filter: DeadLetterFilter = {
  ...(values.consumer ? { consumer: values.consumer } : {}),
  ...(values.tenant ? { tenantId: values.tenant } : {}),
  ...(values.id ? { ids: values.id } : {}),
};

let total = 0;
for (const [service, schema] of services) {
  const sql = postgres(url, { max: 1, onnotice: () => undefined, connection: { search_path: schema } });
  try {
    if (command === 'replay') {
      const asked = await replayDeadLetters(sql, filter);
      if (asked > 0) console.log(`${service}: ${asked} to be tried again`);
      total += asked;
      continue;
    }
    for (const letter of await listDeadLetters(sql, { ...filter, limit })) {
      total++;
      if (values.json) console.log(JSON.stringify({ service, ...letter }));
      else {
        const { parkedAt, consumer, subject, tries, id, error, replayRequestedAt } = letter;
        const state = replayRequestedAt ? ', to be tried again' : '';
        console.log(
          `${parkedAt.toISOString()}  ${consumer}  ${subject}  ${tries} tries${state}\n  ${id}  ${error.split('\n', 1)[0]}`,
        );
      }
    }
  } catch (error) {
    // 42P01: a service that was never migrated here has no dead letters.
    if ((error as { code?: string }).code !== '42P01') throw error;
  } finally {
    await sql.end();
  }
}
if (!values.json)
  console.log(total === 0 ? 'No dead letters.' : command === 'list' ? `${total} parked.` : `${total} asked for.`);
