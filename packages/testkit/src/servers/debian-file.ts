import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './find.ts';

const MIRROR = 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Where fetched files are kept for all checkouts of this user. */
export const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'recado');

export interface DebianFile {
  /** The release of Debian, such as `bookworm`. */
  suite: string;
  pack: string;
  /** How the path of the wanted file ends. */
  ends: string;
  /** Where the file goes. */
  to: string;
  signal: AbortSignal;
}

/**
 * Takes one file out of a Debian package, which is not installed.
 * @throws Error when apt is not here, or the package cannot be had.
 */
export async function fetchDebianFile({ suite, pack, ends, to, signal }: DebianFile): Promise<void> {
  if (process.env.RECADO_NO_INSTALL === '1') throw new Error('not fetched: RECADO_NO_INSTALL=1');
  for (const program of ['apt-get', 'dpkg-deb']) if (!findProgram(program)) throw new Error(`there is no ${program}`);
  if (!existsSync(KEYRING)) throw new Error(`there is no ${KEYRING} to check Debian's packages with`);
  const folder = `${dirname(to)}.${process.pid}`;
  try {
    for (const path of ['lists/partial', 'cache/archives/partial', 'parts']) {
      mkdirSync(join(folder, path), { recursive: true });
    }
    writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${KEYRING}] ${MIRROR} ${suite} main\n`);
    const options = aptOptions(folder);
    await run('apt-get', [...options, '-q', 'update'], folder, signal);
    await run('apt-get', [...options, '-q', 'download', pack], folder, signal);
    const deb = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (!deb) throw new Error(`Debian ${suite} has no ${pack}`);
    await run('dpkg-deb', ['-x', deb, 'root'], folder, signal);
    mkdirSync(dirname(to), { recursive: true });
    const paths = readdirSync(join(folder, 'root'), { recursive: true, encoding: 'utf8' });
    const found = paths.find((path) => path.endsWith(ends));
    if (!found) throw new Error(`${deb} holds no ${ends}`);
    renameSync(join(folder, 'root', found), to);
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
