import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The unprivileged user that Postgres runs as when we are root: it refuses to run as root. */
export const POSTGRES_USER_ID = 65534;

/** True when a stranger may pass through every folder above the path. */
export function strangersReach(path: string): boolean {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found && (found.mode & 0o001) === 0 && found.uid !== POSTGRES_USER_ID) return false;
    if (folder === dirname(folder)) return true;
  }
}

const AWAY = '/var/lib/recado';
const nameFor = (path: string) => createHash('sha256').update(resolve(path)).digest('hex').slice(0, 12);

/**
 * A folder for that user in place of `path`: the path itself, or one under /var/lib/recado with a
 * link at `path`, if the home is closed (/root).
 */
export function reachableDir(path: string): string {
  if (strangersReach(path)) {
    mkdirSync(path, { recursive: true });
    return path;
  }
  const away = join(AWAY, nameFor(path));
  mkdirSync(away, { recursive: true, mode: 0o755 });
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true }); // a link whose end is gone
    symlinkSync(away, path);
  }
  return away;
}

/** The programs in `folder`, or a copy that the unprivileged user can run. */
export function reachablePrograms(folder: string, version: string): string {
  if (strangersReach(join(folder, 'x'))) return folder;
  const copy = join(AWAY, `postgres-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`;
    cpSync(folder, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  }
  return copy;
}
