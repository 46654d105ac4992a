import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { portTaken } from '@recado/testkit/servers';
import { assertOwnData } from './data-folder.ts';
import { type DemoTenant, ensureDemoTenant } from './demo-tenant.ts';
import { type Mesh, startMesh } from './mesh.ts';
import { connectOperator } from './operator-identity.ts';
import { assertPortsFree, type Listener, portsFrom } from './ports.ts';
import { clearRunning, DATA_DIR, endedUncleanly, findRunning, writeRunning } from './running.ts';
import { internalTokensOf } from './secrets.ts';

const env = process.env;
const logFormat = env.LOG_FORMAT === 'json' ? 'json' : 'pretty';
const bold = (text: string) => (process.stdout.isTTY && !env.NO_COLOR ? `\u001b[1m${text}\u001b[0m` : text);
const say = (line: string) => {
  if (logFormat === 'json')
    console.log(JSON.stringify({ level: 'info', time: new Date().toISOString(), name: 'start', msg: line }));
  else console.log(line);
};
/** Two signals within this time are one Ctrl-C, sent by the terminal and by npm. */
const SAME_SIGNAL_MS = 1000;
const CLEANUP_MS = 4000;

const state: { mesh: Mesh | null; stoppingSince: number } = { mesh: null, stoppingSince: 0 };

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (state.stoppingSince > 0) {
    // Not ours to wait for any more; the watchdog ends what is left.
    if (Date.now() - state.stoppingSince > SAME_SIGNAL_MS) process.exit(130);
    return;
  }
  state.stoppingSince = Date.now();
  say(signal === 'SIGINT' ? '\nStopping …' : `Stopping on ${signal} …`);
  await state.mesh?.stop();
  clearRunning();
  say(`Stopped after ${((Date.now() - state.stoppingSince) / 1000).toFixed(1)} s. Data stays in ${DATA_DIR}.`);
  process.exit(0);
}

async function main(): Promise<void> {
  const started = performance.now();
  const running = findRunning();
  if (running) throw new Error(`Recado is running already (process ${running.pid}).`);
  const given = { databaseUrl: env.DATABASE_URL, natsUrl: env.NATS_URL, redisUrl: env.REDIS_URL };
  const ports = portsFrom(env);
  const skip: Listener[] = [];
  if (given.databaseUrl) skip.push('postgres');
  if (given.natsUrl) skip.push('nats');
  if (given.redisUrl) skip.push('redis');
  await assertPortsFree(ports, skip).catch(async (error) => {
    if (!endedUncleanly()) throw error;
    await pause(CLEANUP_MS); // what a killed npm start left behind is being ended right now
    await assertPortsFree(ports, skip);
  });

  assertOwnData(DATA_DIR);
  mkdirSync(DATA_DIR, { recursive: true });
  writeRunning({});
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));
  const mesh = await startMesh({
    dataDir: DATA_DIR,
    ports,
    given,
    logFormat,
    logLevel: env.LOG_LEVEL || 'info',
    requestLimits: 'documented',
    emailProof: 'required',
    say,
  });
  state.mesh = mesh;
  const demo = await ensureDemoTenant(mesh.urls, DATA_DIR, (email) => invite(mesh, email));
  writeRunning({ urls: mesh.urls, servers: mesh.servers });
  const seconds = (performance.now() - started) / 1000;
  if (logFormat === 'json') say(`ready after ${seconds.toFixed(1)} s: ${mesh.urls.gateway}`);
  else console.log(welcome(mesh, demo, seconds));
  if (await portTaken(ports.gateway, '::1'))
    say(`Another program listens on [::1]:${ports.gateway}. Use 127.0.0.1, for localhost may reach the other one.`);
}

/** The operator's own invitation proves the demo's address, as it would a customer's. */
async function invite({ urls, secrets }: Mesh, email: string): Promise<string> {
  const identity = connectOperator(urls.identity, internalTokensOf('operator', secrets));
  try {
    return (await identity.client.createInvitation({ body: { email, days: 1 } }, identity.context)).invitation;
  } finally {
    await identity.client.close();
  }
}

function welcome({ urls }: Mesh, demo: DemoTenant, seconds: number): string {
  const { gateway, sandbox } = urls;
  const people = [demo.admin, ...demo.agents];
  const width = Math.max(...people.map((one) => one.email.length));
  return `
${bold(`Recado is ready after ${seconds.toFixed(1)} s`)}

  ${bold('Gateway')}    ${gateway}         (/api/v1 saas · /v1 crm · /bots · /inbox · /scheduler; Socket.IO at the root)
  ${bold('API docs')}   ${gateway}/docs    of all five APIs; a tour with requests: docs/api.md
  ${bold('Sandbox')}    ${sandbox}         stands for WhatsApp and the AI model; mails: ${sandbox}/_control/mails

  ${bold('Limits')}     60 requests a minute, as the demo's plan allows; RECADO_RATE_LIMIT_FACTOR=100 npm start lifts them

  ${bold('Logins')}     ${people.map((one, i) => `${one.email.padEnd(width)}  ${one.password}  ${i === 0 ? 'admin' : 'agent'}`).join('\n             ')}
  ${bold('Number')}     +${demo.number.displayPhoneNumber}, connected to the sandbox; the AI answers

  ${bold('Try, in another terminal')}
    npm run demo                      a customer writes, the AI answers, the ticks arrive
    npm run events                    the mesh's events, live
    npm run dead-letters -- list      what could not be handled
    curl -s ${gateway}/v1/auth/login -H 'content-type: application/json' \\
      -d '{"email":"${demo.admin.email}","password":"${demo.admin.password}"}'

  Ctrl-C stops everything; data stays in ${DATA_DIR} (npm run reset wipes it).
`;
}

try {
  await main();
} catch (error) {
  if (state.stoppingSince === 0) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    await state.mesh?.stop();
    if (findRunning()?.pid === process.pid) clearRunning();
    process.exit(1);
  }
}
