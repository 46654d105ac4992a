import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestProject } from 'vitest/node';
import { type Mesh, startMesh } from '../../infra/local/mesh.ts';
import { type Ports, randomPorts } from '../../infra/local/ports.ts';
import { removeFolder } from './remove-folder.ts';
import { UNLIMITED } from './unlimited.ts';

/** What a test file needs to know of the mesh that it shares with others. */
export interface SharedMesh extends Pick<Mesh, 'urls' | 'servers' | 'secrets'> {
  ports: Ports;
  /** Of the processes when all were ready, by name. */
  pids: Record<string, number | null>;
  /** Where the files of all copies are. */
  mediaUrl: string;
  /** Every line that a process of it logged, as JSON. */
  log: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    mesh: SharedMesh;
  }
}

/**
 * Once before the files of the system level: a mesh of real processes, in which each file makes
 * tenants of its own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'recado-system-'));
  const remove = () => removeFolder(dataDir);
  const log = createWriteStream(join(dataDir, 'mesh.log'));
  try {
    const ports = await randomPorts();
    const mediaUrl = pathToFileURL(join(dataDir, 'media')).href;
    const mesh = await startMesh({
      dataDir,
      ports,
      logLevel: 'warn',
      logFormat: 'json',
      env: UNLIMITED,
      envOf: { 'channel-connector': { RECADO_MEDIA_URL: mediaUrl } },
      onLine: (line) => void log.write(`${line}\n`),
    });
    const { urls, servers, secrets } = mesh;
    const pids = mesh.pids();
    project.provide('mesh', { urls, ports, servers, secrets, pids, mediaUrl, log: log.path as string });
    return async () => {
      await mesh.stop();
      log.end();
      await remove();
    };
  } catch (error) {
    log.end();
    await remove();
    throw error;
  }
}
