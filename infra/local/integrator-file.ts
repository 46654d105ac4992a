import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Integrator, integratorsConfig } from '@recado/messaging';

/** As nats-server's configuration includes it, from its own folder. */
export const INTEGRATORS_FILE = 'integrators.conf';

export const integratorsFileIn = (dataDir: string): string => join(dataDir, 'nats', INTEGRATORS_FILE);

/** nats-server does not start without it. */
export function ensureIntegratorsFile(path: string): void {
  if (!existsSync(path)) writeIntegrators(path, []);
}

/** Those of the file; none when it is not there. */
export function readIntegrators(path: string): Integrator[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('  # {')).map((line) => JSON.parse(line.slice(4)) as Integrator);
}

/** In place: a container that has the file mounted must see what is written. */
export function writeIntegrators(path: string, integrators: readonly Integrator[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, integratorsConfig(integrators), { mode: 0o600 });
}
