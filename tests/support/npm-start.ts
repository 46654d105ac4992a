import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Listener, type Ports, portVariable, randomPorts } from '../../infra/local/ports.ts';
import { until } from './api.ts';
import { removeFolder } from './remove-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface NpmStart {
  npm: ChildProcess;
  ports: Ports;
  dataDir: string;
  /** Everything it has printed, errors too. */
  output(): string;
  /** Ends it, however far it came, and removes its data. */
  end(): Promise<void>;
}

/** Runs the real `npm start`, on free ports and data of its own. */
export async function spawnNpmStart(
  given: { dataDir?: string; env?: Record<string, string | undefined>; cwd?: string; ports?: Ports } = {},
): Promise<NpmStart> {
  const ports = given.ports ?? (await randomPorts());
  const dataDir = given.dataDir ?? (await mkdtemp(join(tmpdir(), 'recado-start-')));
  const own = Object.entries(ports).map(([name, port]) => [portVariable(name as Listener), String(port)]);
  const { RECADO_ENV: _, RECADO_CORS_ORIGINS: __, NODE_OPTIONS: ___, ...outer } = process.env;
  const npm = spawn('npm', ['start'], {
    cwd: given.cwd ?? ROOT,
    env: { ...outer, ...Object.fromEntries(own), RECADO_DATA_DIR: dataDir, NO_COLOR: '1', ...given.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [npm.stdout, npm.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
  return {
    npm,
    ports,
    dataDir,
    output: () => said,
    async end() {
      npm.kill('SIGTERM');
      await until('npm start to end', async () => (ended(npm) ? true : null)).catch(() => npm.kill('SIGKILL'));
      await removeFolder(dataDir);
    },
  };
}

export const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/**
 * Waits for the welcome of `npm start`; throws with the end of what it said when that does not
 * come.
 */
export async function untilReady(start: NpmStart, withinMs = 150_000): Promise<void> {
  await until(
    'npm start to be ready or over',
    async () => (start.output().includes('Recado is ready') || ended(start.npm) ? true : null),
    withinMs,
  ).catch(() => undefined);
  if (!start.output().includes('Recado is ready'))
    throw new Error(`npm start did not become ready:\n${start.output().slice(-3000)}`);
}
