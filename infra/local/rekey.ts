import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSealer } from '@recado/service-kit';
import postgres from 'postgres';
import { readKept, writeKept } from './kept-file.ts';
import { DATA_DIR, findRunning } from './running.ts';
import { countByKey, nameOf, resealColumn, SEALED_COLUMNS } from './sealed-columns.ts';
import type { Secrets } from './secrets.ts';

const HELP = `Rotates the key ring under which credentials, webhook secrets and second factors are sealed.

  npm run rekey -- key      a ring with a new key in front. Without RECADO_SECRETS_KEYS it is kept for npm start
  npm run rekey -- list     how many secrets each key has sealed
  npm run rekey -- run      seals all of them under the first key of the ring, while the services run

In this order: key; restart the services with that ring; run; list; restart them without the old key.
Reads DATABASE_URL (a role that may write the services' schemas) and RECADO_SECRETS_KEYS, else those of npm start here.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h', default: false } },
});
const [command, ...more] = positionals;
if (values.help || !['key', 'list', 'run'].includes(command ?? '') || more.length > 0) {
  console.error(values.help ? HELP : `Say key, list or run.\n\n${HELP}`);
  process.exit(values.help ? 0 : 2);
}

const file = join(DATA_DIR, 'secrets.json');
const kept = process.env.RECADO_SECRETS_KEYS ? null : readKept<Secrets>(file);
const ring = process.env.RECADO_SECRETS_KEYS || kept?.sealKeys;
if (!ring) fail('Set RECADO_SECRETS_KEYS, or start Recado here first: npm start');
const sealer = createSealer(ring);

if (command === 'key') addKey();
else {
  const url = process.env.DATABASE_URL || findRunning()?.servers?.databaseUrl;
  if (!url) fail('No mesh runs here. Start it (npm start) or set DATABASE_URL.');
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await (command === 'run' ? reseal(sql) : list(sql));
  } finally {
    await sql.end();
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** The number of the id goes on: k1, k2 … */
function addKey(): void {
  const ids = ring!.split(',').map((entry) => entry.trim().split(':', 1)[0]!);
  let number = ids.length + 1;
  while (ids.includes(`k${number}`)) number++;
  const grown = `k${number}:${randomBytes(32).toString('base64')},${ring}`;
  if (kept) {
    writeKept(file, { ...kept, sealKeys: grown });
    console.log(`k${number} is the first key now. Start Recado again (npm start), then: npm run rekey -- run`);
  } else console.log(`RECADO_SECRETS_KEYS=${grown}`);
}

async function list(sql: postgres.Sql): Promise<void> {
  console.log(`${sealer.activeKeyId} is the first key of the ring.`);
  for (const one of SEALED_COLUMNS) {
    const counts = await countByKey(sql, one);
    const shown = counts.map(({ keyId, count }) => `${keyId}: ${count}`).join(', ');
    console.log(`${nameOf(one).padEnd(48)} ${shown || '–'}`);
  }
}

async function reseal(sql: postgres.Sql): Promise<void> {
  let lost = 0;
  for (const one of SEALED_COLUMNS) {
    const { resealed, unreadable } = await resealColumn(sql, sealer, one);
    console.log(`${nameOf(one).padEnd(48)} ${resealed} sealed anew`);
    for (const { keyId, key } of unreadable) console.error(`  cannot be opened (${keyId}): ${key.join(' ')}`);
    lost += unreadable.length;
  }
  if (lost > 0) fail(`${lost} could not be opened: is a key missing in the ring?`);
  console.log(`Everything is sealed under ${sealer.activeKeyId}. Services that know it need no other key.`);
}
