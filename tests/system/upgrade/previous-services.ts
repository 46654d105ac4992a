import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '@recado/contracts';
import { request } from 'undici';
import type { Mesh } from '../../../infra/local/mesh.ts';
import { type Ports, randomPorts } from '../../../infra/local/ports.ts';
import { createSupervisor } from '../../../infra/local/supervisor.ts';

/** The environment of a service as the previous version's own `npm start` makes it. */
interface PreviousEnv {
  serviceEnv(
    name: ServiceName,
    at: { databaseUrl: string; natsUrl: string; redisUrl: string; ports: Ports },
    secrets: Mesh['secrets'] & { internal: string },
    logLevel: string,
    outer: NodeJS.ProcessEnv,
  ): Record<string, string>;
}

/** The services of the previous version, beside a mesh of this one. */
export interface PreviousServices {
  gateway: string;
  /** As an upgrade does: SIGTERM, and what is under way is finished. */
  stop(name: ServiceName): Promise<void>;
  stopAll(): Promise<void>;
  /** How many times one ended by itself and was started again. */
  crashes(): number;
}

/**
 * Starts the previous version's seven services on the servers, the schema and the sandbox of a
 * mesh.
 */
export async function startPrevious(
  dir: string,
  mesh: Mesh,
  env: Record<string, string>,
  onLine: (line: string) => void,
): Promise<PreviousServices> {
  const ports: Ports = { ...(await randomPorts()), sandbox: Number(new URL(mesh.urls.sandbox).port) };
  const { serviceEnv } = (await import(join(dir, 'infra/local/mesh-env.ts'))) as PreviousEnv;
  // The one shared key of versions before each service had its own. The versions do not call each
  // other.
  const secrets = { internal: randomBytes(24).toString('hex'), ...mesh.secrets };
  const supervisor = createSupervisor({
    onLine: (_name, line) => onLine(line),
    onEvent: (name, message) => onLine(`${name} ${message}`),
  });
  await Promise.all(
    SERVICES.map((name) =>
      supervisor.start({
        name,
        file: process.execPath,
        args: [join(dir, 'dist', name, 'main.mjs')],
        env: {
          NODE_OPTIONS: '',
          ...serviceEnv(name, { ...mesh.servers, ports }, secrets, 'warn', {}),
          RECADO_RATE_LIMIT_FACTOR: '10000',
          ...env,
        },
        stopSignal: 'SIGTERM',
      }),
    ),
  );
  const stop = (name: ServiceName) => supervisor.stop(name);
  const stopAll = async () => void (await Promise.all(SERVICES.map(stop)));
  const url = (name: ServiceName) => `http://127.0.0.1:${ports[name]}`;
  try {
    await Promise.all(SERVICES.map((name) => waitUntilReady(name, url(name))));
  } catch (error) {
    await stopAll();
    throw error;
  }
  return {
    gateway: url('gateway'),
    stop,
    stopAll,
    crashes: () => Object.values(supervisor.restarts()).reduce((sum, count) => sum + count, 0),
  };
}

const READY_MS = 60_000;

async function waitUntilReady(name: string, url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (let last = 'no answer'; ; ) {
    try {
      const answer = await request(`${url}/health/ready`, { headersTimeout: 2000, bodyTimeout: 2000 });
      const text = await answer.body.text();
      if (answer.statusCode === 200) return;
      last = `${answer.statusCode} ${text.slice(0, 200)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`The previous ${name} was not ready after ${READY_MS} ms: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
