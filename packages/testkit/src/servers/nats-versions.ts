import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram, versionOf } from './find.ts';

/** The nats-servers that tests run on: each by the Debian release that has it. */
export const NATS_RELEASES = [
  { name: '2.9', suite: 'bookworm' },
  { name: '2.10', suite: 'trixie' },
  { name: 'newest', suite: 'sid' },
] as const;
export type NatsRelease = (typeof NATS_RELEASES)[number];

export interface FoundNats {
  name: NatsRelease['name'];
  /** The program, or null when it could not be had. */
  file: string | null;
  /** `2.10.27`, or why there is none. */
  version: string;
}

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/nats-server', import.meta.url));
const MIRROR = 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** For all that is fetched in one call together. */
const FETCH_MS = 240_000;

/**
 * Finds or fetches each release: the machine's own program, the copy fetched before, or Debian's package, unpacked into
 * node_modules/.cache and not installed. A nats-server is one static program and runs beside others.
 */
export async function findNatsReleases(): Promise<FoundNats[]> {
  const signal = AbortSignal.timeout(FETCH_MS);
  return Promise.all(NATS_RELEASES.map(({ name }) => findNatsRelease(name, { signal })));
}

/** Finds or fetches one release, like {@link findNatsReleases}. */
export async function findNatsRelease(
  name: NatsRelease['name'],
  { signal = AbortSignal.timeout(FETCH_MS), say }: { signal?: AbortSignal; say?: (line: string) => void } = {},
): Promise<FoundNats> {
  const own = findProgram('nats-server');
  const version = own ? versionOf(own, '-v') : null;
  if (own && version?.startsWith(`${name}.`)) return { name, file: own, version };
  const release = NATS_RELEASES.find((one) => one.name === name)!;
  const file = join(CACHE, release.suite, 'nats-server');
  try {
    if (!existsSync(file)) {
      say?.(`fetching nats-server of Debian ${release.suite} …`);
      await fetchRelease(release, file, signal);
    }
    return { name, file, version: versionOf(file, '-v') ?? 'unknown' };
  } catch (error) {
    return { name, file: null, version: error instanceof Error ? error.message : String(error) };
  }
}

async function fetchRelease({ suite }: NatsRelease, file: string, signal: AbortSignal): Promise<void> {
  if (process.env.RECADO_NO_INSTALL === '1') throw new Error('not fetched: RECADO_NO_INSTALL=1');
  for (const program of ['apt-get', 'dpkg-deb']) if (!findProgram(program)) throw new Error(`there is no ${program}`);
  if (!existsSync(KEYRING)) throw new Error(`there is no ${KEYRING} to check Debian's packages with`);
  const folder = `${dirname(file)}.${process.pid}`;
  try {
    for (const path of ['lists/partial', 'cache/archives/partial', 'parts']) {
      mkdirSync(join(folder, path), { recursive: true });
    }
    writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${KEYRING}] ${MIRROR} ${suite} main\n`);
    const options = aptOptions(folder);
    await run('apt-get', [...options, '-q', 'update'], folder, signal);
    await run('apt-get', [...options, '-q', 'download', 'nats-server'], folder, signal);
    const deb = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (!deb) throw new Error(`Debian ${suite} has no nats-server`);
    await run('dpkg-deb', ['-x', deb, 'root'], folder, signal);
    mkdirSync(dirname(file), { recursive: true });
    const program = ['usr/sbin', 'usr/bin'].map((path) => join(folder, 'root', path, 'nats-server')).find(existsSync);
    if (!program) throw new Error(`${deb} holds no nats-server`);
    renameSync(program, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** apt with lists, cache and sources of its own: the machine's stay as they are. */
function aptOptions(folder: string): string[] {
  return [
    `Dir::Etc::SourceList=${folder}/sources.list`,
    `Dir::Etc::SourceParts=${folder}/parts`,
    `Dir::Etc::PreferencesParts=${folder}/parts`,
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    'Dir::State::status=/dev/null',
    'Acquire::Languages=none',
    'Acquire::Retries=0',
    'Acquire::http::Timeout=10',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
}

async function run(program: string, args: string[], cwd: string, signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd, signal });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new Error(`${program}: ${stderr.trim().split('\n').at(-1) || message}`);
  }
}
