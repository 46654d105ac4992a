import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from './find.ts';
import type { ProcessSpec } from './process.ts';

/** The images used everywhere: here and by the tests' containers. */
export const IMAGES = {
  postgres: 'postgres:18-alpine',
  nats: 'nats:2.12-alpine',
  redis: 'redis:8-alpine',
} as const;

/** Path of the docker program when its engine answers; null otherwise. */
export function findDocker(): string | null {
  const docker = findProgram('docker', 'podman');
  if (!docker) return null;
  const info = spawnSync(docker, ['info', '--format', '{{.ID}}'], { timeout: 4000, stdio: 'ignore' });
  return info.status === 0 ? docker : null;
}

export interface ContainerOptions {
  docker: string;
  image: string;
  port: number;
  /** The port inside. */
  inside: number;
  env?: Record<string, string>;
  /** host path → path inside */
  mounts: Record<string, string>;
  command?: string[];
}

/** How to run a server as a container in the foreground, removed when it ends. */
export function containerSpec(options: ContainerOptions): ProcessSpec {
  const name = `recado-${options.image.split(':')[0]}-${options.port}`;
  const run = promisify(execFile);
  return {
    file: options.docker,
    args: [
      'run',
      '--rm',
      '--name',
      name,
      '-p',
      `127.0.0.1:${options.port}:${options.inside}`,
      ...Object.entries(options.env ?? {}).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
      ...Object.entries(options.mounts).flatMap(([host, inside]) => ['-v', `${host}:${inside}`]),
      options.image,
      ...(options.command ?? []),
    ],
    stopSignal: 'SIGTERM',
    // A killed client leaves its container behind; the name must be free again.
    before: async () => {
      await run(options.docker, ['rm', '-f', name]).catch(() => undefined);
    },
  };
}
