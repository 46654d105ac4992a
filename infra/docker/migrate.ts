// Updates every service's schema, roles and rights. Containers run it before the services. It may
// run any number of times, also in parallel. Reads DATABASE_URL and RECADO_DATABASE_ROLE_PASSWORD.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { migrateAll, SERVICE_SCHEMAS } from '@recado/database';
import { rolePasswords } from './role-passwords.ts';

const say = (level: 'info' | 'error', msg: string) =>
  console.log(JSON.stringify({ level, time: new Date().toISOString(), name: 'migrate', msg }));

/** From dist/migrate/ and from infra/docker/ it is the same two steps up. */
const SERVICES = fileURLToPath(new URL('../../services/', import.meta.url));

async function main(): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('Set DATABASE_URL to the database, as the role that owns the schemas');
  const passwords = rolePasswords(process.env);
  // In a checkout a service may still be without tables; in an image this means that something was
  // left out of it.
  const lacking = Object.keys(SERVICE_SCHEMAS).filter((one) => !existsSync(`${SERVICES}${one}/migrations/meta`));
  if (lacking.length > 0) throw new Error(`No migrations in ${SERVICES} for ${lacking.join(', ')}`);
  const started = performance.now();
  const done = await migrateAll(url, passwords, SERVICES);
  say('info', `up to date after ${Math.round(performance.now() - started)} ms: ${done.join(', ')}`);
}

try {
  await main();
} catch (error) {
  say('error', error instanceof Error ? error.message : String(error));
  process.exit(1);
}
