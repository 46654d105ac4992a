import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@recado/database';
import { freePort, planNats, planPostgres, spawnProcess, stopProcess, waitUntilReady } from '@recado/testkit/servers';

/**
 * Postgres and NATS as `npm start` runs them (fsync on), with this service's schema, in a folder
 * that goes with them.
 */
export async function startBenchServers() {
  const dir = mkdtempSync(join(tmpdir(), 'recado-bench-'));
  chmodSync(dir, 0o711); // Postgres may run as another user
  const common = { mode: 'dev' as const, password: randomBytes(8).toString('hex') };
  const plans = [
    await planPostgres({ ...common, port: await freePort(), dataDir: join(dir, 'postgres') }),
    await planNats({ ...common, port: await freePort(), dataDir: join(dir, 'nats') }),
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
  const [{ url: adminUrl }, { url: natsUrl }] = plans;
  const migrationsFolder = new URL('../migrations', import.meta.url).pathname;
  const passwords = { appPassword: 'app', workerPassword: 'worker' };
  await migrate({ adminUrl, service: 'conversation', schema: 'conversation', migrationsFolder, ...passwords });
  const as = (role: 'app' | 'worker') => {
    const url = new URL(adminUrl);
    url.username = `recado_conversation_${role}`;
    url.password = role;
    return url.href;
  };
  return {
    adminUrl,
    natsUrl,
    appUrl: as('app'),
    workerUrl: as('worker'),
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
