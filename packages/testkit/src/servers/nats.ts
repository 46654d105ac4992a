import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerSpec, findDocker, IMAGES } from './docker.ts';
import { atLeast, findProgram, versionOf } from './find.ts';
import { installFromSystem } from './install.ts';
import { findNatsRelease } from './nats-versions.ts';
import { type PlanOptions, type ServerPlan, ServerUnavailable } from './plan.ts';
import { exchange } from './ports.ts';

/**
 * From this version on a publish is on the disk before it is acknowledged, and a full disk stops
 * JetStream no longer for good.
 */
const FLOOR = '2.10';
/** Without Debian's newest the machine's older program does, so a start does not wait for long. */
const FETCH_MS = 60_000;

/** How many accounts a test server has: w0…w31, user and password alike. */
export const TEST_ACCOUNTS = 32;

/**
 * Finds NATS with JetStream: the URL; a program from {@link FLOOR} on; Debian's newest; an older
 * program; the system's packages; Docker. The first that works is used.
 * @throws ServerUnavailable when there is none
 */
export async function planNats(options: PlanOptions): Promise<ServerPlan> {
  const plan = (chose: string, url: string, run: ServerPlan['run']): ServerPlan => ({
    name: 'nats',
    chose,
    url,
    run,
    probe: () => probe(url),
  });
  if (options.url) return plan('given by NATS_URL', options.url, null);

  const url =
    options.mode === 'test'
      ? `nats://w0:w0@127.0.0.1:${options.port}`
      : `nats://${options.accounts ? 'operator' : 'recado'}:${encodeURIComponent(options.password)}@127.0.0.1:${options.port}`;
  let { file, from } = await choose(options);
  let advice = '';
  if (!file) {
    const result = installFromSystem('nats', options.say ?? (() => undefined));
    advice = result.advice;
    file = (options.find ?? findProgram)('nats-server');
    from = "from the system's packages";
  }
  if (file) {
    const version = versionOf(file, '-v') ?? '0';
    const config = writeConfig(options, version, '127.0.0.1', options.port, join(options.dataDir, 'jetstream'));
    return plan(`nats-server ${version}, ${from}`, url, { file, args: ['-c', config], stopSignal: 'SIGINT' });
  }
  const docker = findDocker();
  if (docker) {
    writeConfig(options, '2.12', '0.0.0.0', 4222, '/data/jetstream');
    const run = containerSpec({
      docker,
      image: IMAGES.nats,
      port: options.port,
      inside: 4222,
      mounts: { [options.dataDir]: '/data' },
      command: ['-c', '/data/nats.conf'],
    });
    return plan(`container of ${IMAGES.nats}`, url, run);
  }
  throw new ServerUnavailable('NATS', [
    'give a running one, with JetStream: NATS_URL=nats://user:password@host:4222',
    advice,
    `start Docker, and it runs from ${IMAGES.nats}`,
  ]);
}

/** The program to run, and where it comes from. `find` decides alone when it is given. */
async function choose(options: PlanOptions): Promise<{ file: string | null; from: string }> {
  const own = (options.find ?? findProgram)('nats-server');
  if (options.find || (own && atLeast(versionOf(own, '-v') ?? '0', FLOOR))) return { file: own, from: own ?? '' };
  const signal = AbortSignal.timeout(FETCH_MS);
  const newest = await findNatsRelease('newest', { signal, ...(options.say ? { say: options.say } : {}) });
  if (newest.file) return { file: newest.file, from: "from Debian's packages, not installed" };
  return { file: own, from: own ?? '' };
}

function writeConfig(options: PlanOptions, version: string, host: string, port: number, store: string): string {
  mkdirSync(options.dataDir, { recursive: true });
  const path = join(options.dataDir, 'nats.conf');
  writeFileSync(path, natsConfig({ ...options, version, host, port, store }), { mode: 0o600 });
  return path;
}

/** The server's configuration. */
export function natsConfig(options: {
  mode: 'dev' | 'test';
  password: string;
  version: string;
  host: string;
  port: number;
  store: string;
  accounts?: string;
}): string {
  const text = (value: string) => JSON.stringify(value);
  // Streams reserve their max_bytes; what the disk really has is for the disk to say.
  const limits = ['max_memory_store: 256MB', 'max_file_store: 1TB'];
  // From 2.10 on a publish can be on the disk before it is acknowledged. Postgres is the truth all
  // the same.
  if (options.mode === 'dev' && atLeast(options.version, '2.10')) limits.push('sync_interval: always');
  const account = (name: string) =>
    `  ${name}: { jetstream: enabled, users: [{ user: ${text(name)}, password: ${text(name)} }] }`;
  const who =
    options.mode === 'test'
      ? `accounts {\n${Array.from({ length: TEST_ACCOUNTS }, (_, i) => account(`w${i}`)).join('\n')}\n}`
      : (options.accounts ?? `authorization { user: "recado", password: ${text(options.password)} }`);
  return `# Written at every start.
host: ${text(options.host)}
port: ${options.port}
server_name: recado
jetstream {
  store_dir: ${text(options.store)}
  ${limits.join('\n  ')}
}
${who}
`;
}

async function probe(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const answer = await exchange({ host: hostname, port: Number(port || 4222) }, '', (text) => text.includes('\r\n'));
  if (!answer.startsWith('INFO ')) throw new Error('what listens there is not NATS');
  if (!/"jetstream": ?true/.test(answer)) throw new Error('it has no JetStream: start it with -js');
}
