import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Shared by every copy: packages from the registry. Links between our own packages are copied, so
 * that they lead into the copy.
 */
const SHARED = new Set(['.pnpm', '.cache']);

/** A copy of the working tree, uncommitted changes included. Its tests run its own code. */
export function copyTree(root: string): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'recado-mutations-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of listed.toString().split('\0')) {
    if (!file || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    cpSync(join(root, file), join(dir, file), { verbatimSymlinks: true });
  }
  for (const folder of moduleFolders(root)) {
    mkdirSync(join(dir, folder), { recursive: true });
    for (const name of readdirSync(join(root, folder))) {
      if (name.startsWith('.vi')) continue; // caches of vite and vitest
      const from = join(root, folder, name);
      if (SHARED.has(name)) symlinkSync(from, join(dir, folder, name));
      else cpSync(from, join(dir, folder, name), { recursive: true, verbatimSymlinks: true });
    }
  }
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

function moduleFolders(root: string): string[] {
  const parents = ['.', 'infra/local', ...['packages', 'services'].flatMap((group) => children(root, group))];
  return parents.map((parent) => join(parent, 'node_modules')).filter((folder) => existsSync(join(root, folder)));
}

const children = (root: string, group: string) =>
  readdirSync(join(root, group))
    .map((name) => join(group, name))
    .filter((path) => lstatSync(join(root, path)).isDirectory());
