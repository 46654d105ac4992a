import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { type Integrator, integratorUser } from '@recado/messaging';
import { integratorsFileIn, readIntegrators, writeIntegrators } from './integrator-file.ts';
import { DATA_DIR, findRunning } from './running.ts';

const HELP = `Programs of others that read the events of one tenant, each with a NATS user of its own.

  npm run integrators -- add --tenant SLUG|ID --name NAME    prints the user and its password
  npm run integrators -- list
  npm run integrators -- remove --name NAME                  ends its connections

  --file PATH    the file that nats-server includes; by default that of npm start. For Compose: ./integrators.conf
  --json         one JSON document a line

With npm start the server knows at once. With --file, tell nats-server to read it: docker compose kill -s HUP nats`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tenant: { type: 'string' },
    name: { type: 'string' },
    file: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [command = '', ...more] = positionals;
const problem = findProblem();
if (values.help || problem) {
  console.error(values.help ? HELP : `${problem}\n\n${HELP}`);
  process.exit(values.help ? 0 : 2);
}

function findProblem(): string | null {
  if (!['add', 'list', 'remove'].includes(command)) return 'Say add, list or remove.';
  if (more.length > 0) return 'That is too much.';
  if (command === 'list') return null;
  if (!values.name || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(values.name))
    return 'Say --name: lower-case letters, digits and hyphens.';
  return command === 'add' && !values.tenant ? 'Say --tenant: its slug or its id.' : null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id is taken as it is, so that no service has to run. */
async function findTenantId(tenant: string): Promise<string> {
  if (UUID.test(tenant)) return tenant.toLowerCase();
  const { findIdentity } = await import('./operator-identity.ts');
  const identity = findIdentity();
  if (!identity)
    throw new Error('No mesh runs here to look the slug up in. Give the id of the tenant, or start it: npm start');
  try {
    return (await identity.getBySlug(tenant)).id;
  } finally {
    await identity.client.close();
  }
}

const show = ({ name, tenantId }: Integrator): string =>
  values.json
    ? JSON.stringify({ name, tenantId, user: integratorUser(name) })
    : `${integratorUser(name).padEnd(32)}  ${tenantId}`;

/** Where nats-server of the file listens; null when it is not known here, or does not run. */
const server = values.file ? null : (process.env.NATS_URL ?? findRunning()?.servers?.natsUrl ?? null);
const APPLIED_WITHIN_MS = 20_000;

/** Waits until the server lets the integrator in, or no longer does. */
async function waitUntilApplied({ name, password }: Integrator, present: boolean): Promise<void> {
  if (!server) return;
  const login = { servers: new URL(server).host, user: integratorUser(name), pass: password, reconnect: false };
  for (const deadline = performance.now() + APPLIED_WITHIN_MS; ; await pause(100)) {
    // A server that restarts at this moment refuses connections: it is asked again.
    const known = await connect(login).then(
      (nc) => nc.close().then(() => true),
      (error: Error) => (/authorization violation/i.test(error.message) ? false : error),
    );
    if (known === present) return;
    if (performance.now() < deadline) continue;
    if (known instanceof Error)
      throw new Error(`The file is written, but nats-server does not answer: ${known.message}`);
    throw new Error('The file is written, but nats-server has not read it: send it SIGHUP.');
  }
}

async function add(path: string, name: string, tenant: string): Promise<void> {
  const tenantId = await findTenantId(tenant);
  const known = readIntegrators(path);
  if (known.some((one) => one.name === name)) throw new Error(`There is an integrator called ${name} already.`);
  const integrator = { name, tenantId, password: `n${randomBytes(24).toString('hex')}` };
  writeIntegrators(path, [...known, integrator]);
  await waitUntilApplied(integrator, true);
  const { password } = integrator;
  const subject = `recado.*.${tenantId}.>`;
  if (values.json) console.log(JSON.stringify({ name, tenantId, user: integratorUser(name), password, subject }));
  else console.log(`user      ${integratorUser(name)}\npassword  ${password}\nmay read  ${subject}`);
}

async function remove(path: string, name: string): Promise<void> {
  const known = readIntegrators(path);
  const gone = known.find((one) => one.name === name);
  if (!gone) throw new Error(`There is no integrator called ${name}.`);
  writeIntegrators(
    path,
    known.filter((one) => one !== gone),
  );
  await waitUntilApplied(gone, false);
  console.log(values.json ? show(gone) : `${integratorUser(name)} is removed.`);
}

const path = values.file ?? integratorsFileIn(DATA_DIR);
try {
  if (command === 'add') await add(path, values.name as string, values.tenant as string);
  else if (command === 'remove') await remove(path, values.name as string);
  else {
    const known = readIntegrators(path);
    for (const one of known) console.log(show(one));
    if (known.length === 0 && !values.json) console.log('No integrators.');
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
