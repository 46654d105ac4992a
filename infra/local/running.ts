import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mesh } from './mesh.ts';

/** Where `npm start` keeps everything; `RECADO_DATA_DIR` moves it. */
export const DATA_DIR = process.env.RECADO_DATA_DIR || fileURLToPath(new URL('../../.data', import.meta.url));

/** What a running `npm start` tells the other commands. */
export interface Running {
  pid: number;
  urls: Mesh['urls'];
  /** With credentials; the database as the role that owns the schemas. */
  servers: Mesh['servers'];
}

const pathOf = (dataDir: string) => join(dataDir, 'running.json');

/** The `npm start` that runs on this data right now; null when none does. */
export function findRunning(dataDir = DATA_DIR): (Omit<Running, 'urls' | 'servers'> & Partial<Running>) | null {
  if (!existsSync(pathOf(dataDir))) return null;
  let known: Running;
  try {
    known = JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as Running;
  } catch {
    return null; // cut short while it was written
  }
  return isOurs(known.pid) ? known : null;
}

/** True when the last `npm start` was killed and could not say goodbye. */
export const endedUncleanly = (dataDir = DATA_DIR): boolean => existsSync(pathOf(dataDir)) && !findRunning(dataDir);

/**
 * What a running `npm start` said about itself.
 * @throws Error that says what to do when none runs, or when it is not ready yet.
 */
export function getRunning(dataDir = DATA_DIR): Running {
  const found = findRunning(dataDir);
  if (!found) throw new Error('Recado is not running here. Start it first: npm start');
  if (!found.urls || !found.servers) throw new Error('Recado is starting. Try again when it says that it is ready.');
  return found as Running;
}

/** Claims the data for this process. Once more, with the addresses, when all is ready. */
export function writeRunning(known: Partial<Running>, dataDir = DATA_DIR): void {
  writeFileSync(pathOf(dataDir), `${JSON.stringify({ ...known, pid: process.pid }, null, 2)}\n`, { mode: 0o600 });
}

export function clearRunning(dataDir = DATA_DIR): void {
  rmSync(pathOf(dataDir), { force: true });
}

/**
 * The process lives and, where the system tells, is a start.ts and not another that was given its
 * number.
 */
function isOurs(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const cmdline = `/proc/${pid}/cmdline`;
  return !existsSync(cmdline) || pid === process.pid || readFileSync(cmdline, 'utf8').includes('start.ts');
}
