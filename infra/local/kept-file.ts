import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * A file of `.data/` as it was written; null when there is none. @throws Error naming a damaged one
 * and the way out.
 */
export function readKept<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`${path} is cut short or damaged: put a copy of it back, or wipe all data with npm run reset.`);
  }
}

/**
 * Writes for the owner alone, whole or not at all: a power cut leaves the file before or the file
 * after.
 */
export function writeKept(path: string, value: unknown): void {
  const unfinished = `${path}.${process.pid}.new`;
  writeFileSync(unfinished, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(unfinished, path);
}
