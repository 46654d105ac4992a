import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '@recado/database';
import {
  freePort,
  planNats,
  planPostgres,
  planRedis,
  spawnProcess,
  stopProcess,
  waitUntilReady,
} from '@recado/testkit/servers';

export interface BenchIdentity {
  url: string;
  secret: string;
  adminUrl: string;
  /** Resident memory of the process in MiB: now, and at most so far. */
  memory(): { now: number; peak: number };
  stop(): Promise<void>;
}

/** Postgres, NATS and Redis as `npm start` runs them, and identity as a process of its own; all in a folder that goes with them. */
export async function startIdentityProcess(env: Record<string, string> = {}): Promise<BenchIdentity> {
  const dir = mkdtempSync(join(tmpdir(), 'recado-bench-'));
  chmodSync(dir, 0o711); // Postgres may run as another user
  const common = { mode: 'dev' as const, password: randomBytes(8).toString('hex') };
  const plans = [
    await planPostgres({ ...common, port: await freePort(), dataDir: join(dir, 'postgres') }),
    await planNats({ ...common, port: await freePort(), dataDir: join(dir, 'nats') }),
    await planRedis({ ...common, port: await freePort(), dataDir: join(dir, 'redis') }),
  ] as const;
  const stops: (() => Promise<unknown>)[] = [];
  for (const plan of plans) {
    if (!plan.run) continue;
    await plan.run.before?.();
    const { stopSignal } = plan.run;
    const server = spawnProcess(plan.run, { file: join(dir, `${plan.name}.log`) });
    stops.push(() => stopProcess(server, stopSignal, 4000));
    await waitUntilReady(plan);
  }
  const [{ url: adminUrl }, { url: natsUrl }, { url: redisUrl }] = plans;
  const migrationsFolder = new URL('../migrations', import.meta.url).pathname;
  const passwords = { appPassword: 'app', workerPassword: 'worker' };
  await migrate({ adminUrl, service: 'identity', schema: 'identity', migrationsFolder, ...passwords });
  const as = (role: 'app' | 'worker') => {
    const url = new URL(adminUrl);
    url.username = `recado_identity_${role}`;
    url.password = role;
    return url.href;
  };
  const secret = randomBytes(24).toString('hex');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const child = spawn(process.execPath, [new URL('../src/main.ts', import.meta.url).pathname], {
    stdio: 'inherit',
    env: {
      PORT: String(port),
      LOG_LEVEL: 'error',
      DATABASE_URL: as('app'),
      DATABASE_WORKER_URL: as('worker'),
      NATS_URL: natsUrl,
      REDIS_URL: redisUrl,
      RECADO_INTERNAL_SECRET: secret,
      RECADO_JWT_PRIVATE_KEY: key,
      RECADO_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      MALLOC_ARENA_MAX: '2', // as the mesh sets it
      ...env,
    },
  });
  await untilReady(url, child);
  return {
    url,
    secret,
    adminUrl,
    memory: () => ({ now: statusOf(child, 'VmRSS'), peak: statusOf(child, 'VmHWM') }),
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await Promise.all(stops.map((stop) => stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function statusOf(child: ChildProcess, field: string): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const ready = await fetch(`${url}/health/ready`).catch(() => null);
    if (ready?.ok) return;
    await pause(100);
  }
  throw new Error('identity ended before it was ready');
}
