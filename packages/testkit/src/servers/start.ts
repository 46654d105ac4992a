import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planNats } from './nats.ts';
import { type ServerPlan, waitUntilReady } from './plan.ts';
import { freePorts } from './ports.ts';
import { planPostgres } from './postgres.ts';
import { hasEnded, removeAtEnd, spawnProcess, stopProcess } from './process.ts';
import { planRedis } from './redis.ts';

export interface TestServers {
  /** As the cluster's admin. */
  postgresUrl: string;
  natsUrl: string;
  redisUrl: string;
  /** True when NATS has one account for each worker (w0…w31). */
  natsAccounts: boolean;
  /** How each was found, for people. */
  chose: string[];
  stop(): Promise<void>;
}

/**
 * Starts Postgres, NATS and Redis on free ports in a temporary folder. `RECADO_TEST_…_URL` give
 * servers instead. A plain `DATABASE_URL` is ignored, because tests wipe their servers.
 */
export async function startTestServers(env: NodeJS.ProcessEnv = process.env): Promise<TestServers> {
  const dir = mkdtempSync(join(tmpdir(), 'recado-test-'));
  chmodSync(dir, 0o711); // Postgres may run as another user
  removeAtEnd(dir);
  const [pgPort, natsPort, redisPort] = (await freePorts(3)) as [number, number, number];
  const common = { mode: 'test' as const, password: randomBytes(12).toString('hex'), say: console.log };
  const plans = [
    await planPostgres({
      ...common,
      port: pgPort,
      dataDir: join(dir, 'postgres'),
      url: env.RECADO_TEST_DATABASE_URL,
    }),
    await planNats({ ...common, port: natsPort, dataDir: join(dir, 'nats'), url: env.RECADO_TEST_NATS_URL }),
    await planRedis({ ...common, port: redisPort, dataDir: join(dir, 'redis'), url: env.RECADO_TEST_REDIS_URL }),
  ] as const;

  const running: Array<() => Promise<void>> = [];
  const stop = async () => {
    await Promise.all(running.map((end) => end()));
    rmSync(dir, { recursive: true, force: true });
  };
  // One that fails waits for the others: what they start would stay behind.
  const starts = await Promise.allSettled(plans.map(async (plan) => running.push(await startPlan(plan, dir))));
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    postgresUrl: plans[0].url,
    natsUrl: plans[1].url,
    redisUrl: plans[2].url,
    natsAccounts: plans[1].run !== null,
    chose: plans.map((plan) => plan.chose),
    stop,
  };
}

async function startPlan(plan: ServerPlan, dir: string): Promise<() => Promise<void>> {
  const { run } = plan;
  if (!run) {
    await waitUntilReady(plan, 5000);
    return async () => undefined;
  }
  await run.before?.();
  const log = join(dir, `${plan.name}.log`);
  const child = spawnProcess(run, { file: log });
  const stop = () => stopProcess(child, run.stopSignal, 4000);
  const hint = () => (hasEnded(child) ? `It ended:\n${readFileSync(log, 'utf8').slice(-2000)}` : null);
  try {
    await waitUntilReady(plan, 20_000, hint);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
