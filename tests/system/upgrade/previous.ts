import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * The version that an installation may still run: a commit that can run beside this one.
 * operations.md, "Upgrade", says how it moves.
 */
export const previousVersion = (): string => readFileSync(new URL('previous-version', import.meta.url), 'utf8').trim();

/** False in a shallow clone, which does not hold it. */
export const hasPrevious = (): boolean =>
  spawnSync('git', ['cat-file', '-e', `${previousVersion()}^{commit}`], { cwd: ROOT, stdio: 'ignore' }).status === 0;

/** A file as it was in the previous version. */
export const readPrevious = (path: string): string =>
  execFileSync('git', ['show', `${previousVersion()}:${path}`], { cwd: ROOT, maxBuffer: 64_000_000 }).toString();

/** The previous version's files below a folder. */
export const listPrevious = (folder: string): string[] =>
  execFileSync('git', ['ls-tree', '-r', '--name-only', previousVersion(), folder], { cwd: ROOT })
    .toString()
    .split('\n')
    .filter(Boolean);

/**
 * Checks the previous version out into a folder of its own, installs what its lockfile says, and
 * bundles its services.
 */
export function buildPrevious(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'recado-previous-'));
  const tree = execFileSync('git', ['archive', previousVersion()], { cwd: ROOT, maxBuffer: 512_000_000 });
  mkdirSync(dir, { recursive: true });
  execFileSync('tar', ['-x', '-C', dir], { input: tree });
  const run = spawnSync('node', ['infra/local/bootstrap.mjs', 'build'], { cwd: dir, encoding: 'utf8' });
  if (run.status !== 0) {
    const log = join(dir, 'build.log');
    writeFileSync(log, `${run.stdout}${run.stderr}`);
    throw new Error(`The previous version could not be built: ${run.stderr.trim().split('\n').at(-1)}. See ${log}`);
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
