import { chmodSync, mkdirSync, rmSync, statSync, unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SERVICES, type ServiceName } from '@recado/contracts';
import { type NatsUser, natsAccounts } from '@recado/messaging';
import {
  ADMIN_DATABASE,
  migrateAll,
  planNats,
  planPostgres,
  planRedis,
  type ServerName,
  type ServerPlan,
  type StatefulService,
  waitUntilReady,
} from '@recado/testkit/servers';
import postgres from 'postgres';
import { request } from 'undici';
import { build, bundlePath, TOOLS } from './build.ts';
import { ensureIntegratorsFile, INTEGRATORS_FILE, integratorsFileIn } from './integrator-file.ts';
import { createPrinter } from './log-lines.ts';
import { type MeshAddresses, serviceEnv, urlOf } from './mesh-env.ts';
import type { Ports } from './ports.ts';
import { randomPorts } from './ports.ts';
import { loadSecrets, type Secrets } from './secrets.ts';
import { createServerProbes, serviceProbe } from './server-probes.ts';
import { createSupervisor } from './supervisor.ts';
import { watchStuck } from './watch.ts';

export type MeshProcess = ServiceName | 'sandbox' | ServerName;

export interface MeshOptions {
  /** Data, secrets and server logs. */
  dataDir: string;
  /** Default: free ones. */
  ports?: Ports;
  /** Servers that run already. */
  given?: { databaseUrl?: string | undefined; natsUrl?: string | undefined; redisUrl?: string | undefined };
  /** The nats-server to run; default: the one that is found. */
  natsServer?: string;
  /** Default true. */
  sandbox?: boolean;
  /** Only these services; default: all seven. */
  services?: ServiceName[];
  logFormat?: 'pretty' | 'json';
  logLevel?: string;
  /** Gets each line a process logs; default: standard output. */
  onLine?: (line: string) => void;
  /**
   * `documented`: the limits of the plans. `wide` (default): tests and benches send in seconds what
   * a tenant may send in a day.
   */
  requestLimits?: 'documented' | 'wide';
  /** `off`, the default: tests and benches register companies that work at once. */
  emailProof?: 'required' | 'off';
  /** Added to the environment of every service. */
  env?: Record<string, string>;
  /** Added to the environment of one process. */
  envOf?: Partial<Record<MeshProcess, Record<string, string>>>;
  /** Settings Postgres is started with beside ours; for benches. */
  postgresSettings?: Record<string, string>;
  /** Tells people what is going on. */
  say?: (line: string) => void;
  /** Milliseconds until everything must be ready; default 60 s. */
  readyWithin?: number;
}

export interface Mesh {
  /** Base URLs of the services and the sandbox. */
  urls: Record<ServiceName | 'sandbox', string>;
  /**
   * The servers' addresses, with credentials; the database as the role that owns the schemas, past
   * RLS.
   */
  servers: { databaseUrl: string; natsUrl: string; redisUrl: string };
  /** How each server was found, for people. */
  chose: Record<ServerName, string>;
  migrated: StatefulService[];
  secrets: Secrets;
  /**
   * Sends `kill -9` by default, and the supervisor restarts it. Servers given by URL cannot be
   * killed.
   */
  kill(name: MeshProcess, signal?: NodeJS.Signals): void;
  /** Stops one process and keeps it down until `up`. */
  down(name: MeshProcess): Promise<void>;
  up(name: MeshProcess): Promise<void>;
  /** With NATS down, loses everything JetStream had stored. */
  wipeJetStream(): void;
  pids(): Record<string, number | null>;
  restarts(): Record<string, number>;
  /** Resolves when servers answer and every `/health/ready` is 200. */
  ready(timeoutMs?: number): Promise<void>;
  /** Services first, in-flight work finished, then the servers; within 5 s. */
  stop(): Promise<void>;
}

const SERVICE_GRACE_MS = 3500;
const SERVER_GRACE_MS = 1300;
/** A server that ended so often before it was ever ready will not come up by itself. */
const TRIES = 5;
/**
 * `--expose-gc` lets runMain collect 10 to 20 MB after the start. A smaller young generation costs
 * a fifth of the throughput; `--enable-source-maps` keeps 90 MB of maps per process.
 */
const BUSY = ['gateway', 'channel-connector', 'conversation', 'ai-responder', 'analytics'];
/**
 * For busy processes. Socket buffers count as old memory, so V8 collects the whole 20 MB heap after
 * each 10 MB: half of the CPU of a service that only listens. Five times the heap avoids it.
 */
const BUSY_FLAGS = ['--max-semi-space-size=32', '--heap-growing-percent=400'];
const nodeFlags = (name: string) => [
  '--expose-gc',
  ...(BUSY.includes(name) ? BUSY_FLAGS : ['--max-semi-space-size=4']),
];

/**
 * Starts servers, migrates, starts the services and the sandbox under a supervisor, and waits until
 * all are ready.
 */
export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const { dataDir, say = () => undefined, logFormat = 'pretty', given = {} } = options;
  mkdirSync(join(dataDir, 'sandbox'), { recursive: true });
  // As root, Postgres runs as an unprivileged user that must pass through this folder. Only the
  // owner can read the secrets in it.
  if (process.getuid?.() === 0) chmodSync(dataDir, statSync(dataDir).mode | 0o111);
  const ports = options.ports ?? (await randomPorts());
  const secrets = loadSecrets(dataDir);
  const plans = await planServers(options, ports, secrets, say);
  const printer = createPrinter(logFormat, options.onLine);
  const supervisor = createSupervisor({ onLine: printer.line, onEvent: printer.note });
  const started: MeshProcess[] = [];

  // nats-server reads its files again at a SIGHUP.
  const integrators = integratorsFileIn(dataDir);
  const reloadNats = () => supervisor.kill('nats', 'SIGHUP');
  watchFile(integrators, { interval: 250, persistent: false }, reloadNats);

  let stopWatching = async () => {};
  const stopAll = async () => {
    unwatchFile(integrators, reloadNats);
    await stopWatching();
    const isServer = (name: MeshProcess) => name === 'postgres' || name === 'nats' || name === 'redis';
    await Promise.all(started.filter((one) => !isServer(one)).map((one) => supervisor.stop(one, SERVICE_GRACE_MS)));
    await Promise.all(started.filter(isServer).map((one) => supervisor.stop(one, SERVER_GRACE_MS)));
  };
  const up = async (name: MeshProcess) => {
    const spec = specs.get(name);
    if (!spec) throw new Error(`${name} is not run by this mesh`);
    await supervisor.start(spec);
    if (!started.includes(name)) started.push(name);
  };
  const specs = new Map<MeshProcess, Parameters<typeof supervisor.start>[0]>();
  /** A server that cannot start says why in its own log. */
  const withLastWords = (name: MeshProcess, waiting: Promise<void>) =>
    waiting.catch((error: Error) => {
      const words = supervisor.lastWords(name);
      throw words ? new Error(`${error.message}\n\nThe end of the log of ${name}:\n${words}`) : error;
    });
  const gaveUp = (name: MeshProcess) => () =>
    (supervisor.restarts()[name] ?? 0) >= TRIES ? `It ended ${TRIES} times.` : null;

  const watch = async (servers: ServerPlan[], processes: (ServiceName | 'sandbox')[]) => {
    const probes = await createServerProbes(servers, join(dataDir, 'nats'));
    const stop = watchStuck([...probes.watched, ...processes.map((name) => serviceProbe(name, urlOf(ports, name)))], {
      isUp: (name) => Boolean(supervisor.pids()[name]),
      restart: (name) => supervisor.restart(name),
      onEvent: printer.note,
    });
    return async () => {
      await stop();
      await probes.close();
    };
  };

  try {
    const bundles = build(options.services && [...options.services, ...(options.sandbox === false ? [] : ['sandbox'])]);
    bundles.catch(() => undefined); // awaited below; the servers may fail first
    for (const plan of Object.values(plans)) {
      if (!plan.run) continue;
      const env = { ...plan.run.env, ...options.envOf?.[plan.name] };
      specs.set(plan.name, { ...plan.run, env, name: plan.name, logFile: logFile(dataDir, plan.name) });
    }
    await Promise.all(
      Object.values(plans).map(async (plan) => {
        if (plan.run) await up(plan.name);
        await withLastWords(plan.name, waitUntilReady(plan, 30_000, gaveUp(plan.name)));
      }),
    );
    const databaseUrl = await ensureDatabase(plans.postgres);
    const migrated = await migrateAll(databaseUrl, secrets.roles);
    const { names } = await bundles;

    const addresses = { databaseUrl, natsUrl: plans.nats.url, redisUrl: plans.redis.url, ports };
    const processes = names.filter(
      (name) => !TOOLS.includes(name) && (name !== 'sandbox' || options.sandbox !== false),
    ) as (ServiceName | 'sandbox')[];
    for (const name of processes) specs.set(name, processSpec(name, addresses, secrets, options));
    await Promise.all(processes.map(up));

    const ready = async (timeoutMs = options.readyWithin ?? 60_000) => {
      await Promise.all(Object.values(plans).map((plan) => waitUntilReady(plan, timeoutMs)));
      await Promise.all(
        processes.map((name) => withLastWords(name, waitForService(name, urlOf(ports, name), timeoutMs))),
      );
    };
    await ready();
    stopWatching = await watch(Object.values(plans), processes);
    return {
      urls: Object.fromEntries(
        [...SERVICES, 'sandbox' as const].map((name) => [name, urlOf(ports, name)]),
      ) as Mesh['urls'],
      servers: { databaseUrl, natsUrl: plans.nats.url, redisUrl: plans.redis.url },
      chose: { postgres: plans.postgres.chose, nats: plans.nats.chose, redis: plans.redis.chose },
      migrated,
      secrets,
      kill: supervisor.kill,
      down: (name) => supervisor.stop(name, SERVICE_GRACE_MS),
      up,
      wipeJetStream() {
        if (given.natsUrl) throw new Error('This NATS server is not ours');
        if (supervisor.pids().nats) throw new Error('NATS must be down');
        rmSync(join(dataDir, 'nats', 'jetstream'), { recursive: true, force: true });
      },
      pids: supervisor.pids,
      restarts: supervisor.restarts,
      ready,
      stop: stopAll,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

type Plans = Record<ServerName, ServerPlan>;

async function planServers(
  options: MeshOptions,
  ports: Ports,
  secrets: Secrets,
  say: (line: string) => void,
): Promise<Plans> {
  const { dataDir, given = {}, natsServer } = options;
  const common = (name: ServerName) => ({
    mode: 'dev' as const,
    say,
    port: ports[name],
    password: secrets[name],
    dataDir: join(dataDir, name),
  });
  // One after the other: two at once would both want the package manager.
  const plans = {
    postgres: await planPostgres({
      ...common('postgres'),
      url: given.databaseUrl,
      ...(options.postgresSettings ? { settings: options.postgresSettings } : {}),
    }),
    nats: await planNats({
      ...common('nats'),
      url: given.natsUrl,
      accounts: accountsOf(dataDir, secrets),
      ...(natsServer ? { find: () => natsServer } : {}),
    }),
    redis: await planRedis({ ...common('redis'), url: given.redisUrl }),
  };
  for (const plan of Object.values(plans)) say(`${plan.name.padEnd(8)} ${plan.chose}`);
  return plans;
}

/**
 * Users and what each may do. The file of integrators is there from the first start on; `npm run
 * integrators` writes it.
 */
function accountsOf(dataDir: string, secrets: Secrets): string {
  ensureIntegratorsFile(integratorsFileIn(dataDir));
  const passwordOf = (user: NatsUser) => JSON.stringify(user === 'operator' ? secrets.nats : secrets.natsUsers[user]);
  return natsAccounts(passwordOf, INTEGRATORS_FILE);
}

/**
 * The services' database. On a server of ours it is `recado`, made when missing; on a given one it
 * is the URL's own.
 */
async function ensureDatabase(plan: ServerPlan): Promise<string> {
  if (!plan.run) return plan.url;
  const sql = postgres(plan.url, { max: 1, onnotice: () => undefined });
  try {
    const [found] = await sql`select 1 from pg_database where datname = 'recado'`;
    if (!found) await sql`create database recado`;
  } finally {
    await sql.end();
  }
  const url = new URL(plan.url);
  if (url.pathname !== `/${ADMIN_DATABASE}`) throw new Error(`Unexpected database in ${url.pathname}`);
  url.pathname = '/recado';
  return url.href;
}

function processSpec(name: ServiceName | 'sandbox', at: MeshAddresses, secrets: Secrets, options: MeshOptions) {
  const own: Record<string, string> =
    name === 'sandbox'
      ? {
          HOST: '127.0.0.1',
          PORT: String(at.ports.sandbox),
          SMTP_PORT: String(at.ports.mail),
          SANDBOX_LEDGER_FILE: join(options.dataDir, 'sandbox', 'ledger.ndjson'),
        }
      : serviceEnv(name, at, secrets, options.logLevel ?? 'info', process.env);
  if (name === 'channel-connector' && !process.env.RECADO_MEDIA_URL) {
    own.RECADO_MEDIA_URL = pathToFileURL(join(options.dataDir, 'media')).href;
  }
  if (name === 'identity' && options.emailProof !== 'required') own.RECADO_EMAIL_PROOF = 'off';
  const limits = name === 'gateway' || name === 'channel-connector';
  if (limits && options.requestLimits !== 'documented') own.RECADO_RATE_LIMIT_FACTOR = '10000';
  return {
    name,
    file: process.execPath,
    args: [...nodeFlags(name), bundlePath(name)],
    env: { NODE_OPTIONS: '', ...own, ...(name === 'sandbox' ? {} : options.env), ...options.envOf?.[name] },
    stopSignal: 'SIGTERM' as const,
  };
}

async function waitForService(name: string, url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = 'it did not answer';
  for (;;) {
    try {
      const answer = await request(`${url}/health/ready`, { headersTimeout: 2000, bodyTimeout: 2000 });
      const text = await answer.body.text();
      if (answer.statusCode === 200) return;
      last = `${answer.statusCode} ${text.slice(0, 300)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`${name} was not ready after ${timeoutMs} ms: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const LOG_LIMIT = 20_000_000;

/** Where a server writes its log; an old one that has grown long is dropped. */
function logFile(dataDir: string, name: string): string {
  const path = join(dataDir, 'logs', `${name}.log`);
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT) rmSync(path);
  return path;
}
