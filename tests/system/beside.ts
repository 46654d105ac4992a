import { createInterface } from 'node:readline';
import type { ServiceName } from '@recado/contracts';
import { freePorts, hasEnded, spawnProcess, stopProcess } from '@recado/testkit/servers';
import { request } from 'undici';
import { inject } from 'vitest';
import { bundlePath } from '../../infra/local/build.ts';
import { serviceEnv, urlOf } from '../../infra/local/mesh-env.ts';
import type { Ports } from '../../infra/local/ports.ts';
import { until } from '../support/api.ts';
import type {} from '../support/system-setup.ts';
import { isComplaint } from './test-mesh.ts';

export interface Beside {
  /** Of the copies. */
  urls: Partial<Record<ServiceName, string>>;
  pids: Partial<Record<ServiceName, number>>;
  complaints(): string[];
  /** Whether every copy still runs. */
  alive(): boolean;
  stop(): Promise<void>;
}

interface BesideOptions {
  env?: Record<string, string>;
  /** For Node, before the bundle. */
  nodeArgs?: readonly string[];
  logLevel?: string;
  onLine?: (line: string) => void;
}

/**
 * Starts copies of services with other settings beside the shared mesh, on its servers. They call
 * one another, and what has no copy is the mesh's. Cheaper than a mesh of their own.
 */
export async function startBeside(
  names: readonly ServiceName[],
  { env = {}, nodeArgs = [], logLevel = 'warn', onLine }: BesideOptions = {},
): Promise<Beside> {
  const { ports: theirs, servers, secrets, mediaUrl } = inject('mesh');
  const free = await freePorts(names.length);
  const ports: Ports = { ...theirs, ...Object.fromEntries(names.map((name, i) => [name, free[i]!])) };
  const complaints: string[] = [];
  const hear = (line: string) => {
    onLine?.(line);
    if (isComplaint(line)) complaints.push(line);
  };
  const children = names.map((name) => {
    const own = serviceEnv(name, { ...servers, ports }, secrets, logLevel, process.env);
    // A file that one copy stored is sent by any of them.
    own.RECADO_MEDIA_URL = mediaUrl;
    const args = ['--max-semi-space-size=4', ...nodeArgs, bundlePath(name)];
    const child = spawnProcess({ file: process.execPath, args, env: { NODE_OPTIONS: '', ...own, ...env } }, 'pipe');
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', hear);
    }
    return child;
  });
  const stop = async () => void (await Promise.all(children.map((child) => stopProcess(child))));
  const copies = Object.fromEntries(names.map((name) => [name, urlOf(ports, name)]));
  try {
    for (const url of Object.values(copies)) {
      await until(`${url} to be ready`, async () => {
        if (children.some(hasEnded)) throw new Error(`A copy ended: ${complaints.join('\n')}`);
        const answer = await request(`${url}/health/ready`);
        await answer.body.dump();
        return answer.statusCode === 200 ? true : null;
      });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    urls: copies,
    pids: Object.fromEntries(names.map((name, i) => [name, children[i]!.pid!])),
    complaints: () => complaints,
    alive: () => !children.some(hasEnded),
    stop,
  };
}
