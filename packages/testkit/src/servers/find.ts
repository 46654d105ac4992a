import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

// Debian keeps servers where the PATH of ordinary users does not look; Homebrew likewise.
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/bin', '/sbin', '/opt/homebrew/bin'];

/** The first of these programs that is on this machine, with its path; null when none is. */
export function findProgram(...names: string[]): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...ALSO];
  for (const name of names) {
    for (const folder of folders) {
      if (!folder) continue;
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not here
      }
    }
  }
  return null;
}

/**
 * The first `1.2.3` or `1.2` in what a program prints about its version; null when it prints none.
 */
export function versionOf(program: string, flag: string): string | null {
  const { stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8', timeout: 5000 });
  return /\d+\.\d+(\.\d+)?/.exec(`${stdout ?? ''} ${stderr ?? ''}`)?.[0] ?? null;
}

/** Compares by number: `2.10` is more than `2.9.10`. */
export function atLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < b.length; i++) {
    const [have, want] = [a[i] ?? 0, b[i] ?? 0];
    if (have !== want) return have > want;
  }
  return true;
}
