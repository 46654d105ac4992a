import { statfsSync } from 'node:fs';
import { connectBus } from '@recado/messaging';
import type { ServerPlan } from '@recado/testkit/servers';
import { Redis } from 'ioredis';
import { request } from 'undici';
import { Refused, type Watched } from './watch.ts';

const ANSWER_MS = 3000;
/** With less the store only fails again. */
const ROOM_BYTES = 1024 * 1024;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** What is watched, and how to end the connections it needs. */
export interface Probes {
  watched: Watched[];
  close(): Promise<void>;
}

/**
 * How to tell that a server of ours is stuck. Postgres that only reads and Redis that is full
 * answer, so they are left running: a restart frees nothing. Readiness shows them.
 */
export async function createServerProbes(plans: ServerPlan[], natsStore: string): Promise<Probes> {
  const watched: Watched[] = [];
  const closing: (() => Promise<unknown>)[] = [];
  for (const plan of plans) {
    if (!plan.run) continue; // it is not ours
    const { name } = plan;
    if (name === 'nats') {
      const bus = await connectBus({ url: plan.url, name: 'supervisor', log: silent });
      closing.push(() => bus.close());
      const probe = () => withDeadline(bus.checkStore('supervisor')).catch(asRefusal);
      watched.push({ name, probe, everyMs: 2000, silentMs: 12_000, holdBack: () => noRoom(natsStore) });
    } else if (name === 'redis') {
      const redis = new Redis(plan.url, {
        commandTimeout: ANSWER_MS,
        maxRetriesPerRequest: 0,
        enableOfflineQueue: false,
      });
      redis.on('error', () => undefined);
      closing.push(async () => redis.disconnect());
      watched.push({ name, probe: async () => void (await redis.ping()), everyMs: 5000, silentMs: 20_000 });
    } else {
      // Crash recovery is safe but slow, so Postgres gets more time.
      watched.push({ name, probe: () => withDeadline(plan.probe()), everyMs: 5000, silentMs: 45_000 });
    }
  }
  return { watched, close: async () => void (await Promise.allSettled(closing.map((close) => close()))) };
}

/**
 * A service whose event loop is stuck. What it waits for is not its fault, so only /health/live
 * counts.
 */
export function serviceProbe(name: string, url: string): Watched {
  const probe = async () => {
    const answer = await request(`${url}/health/live`, { headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS });
    await answer.body.dump();
  };
  return { name, probe, everyMs: 5000, silentMs: 30_000 };
}

/**
 * With JetStream off nothing answers, and the server reports that at once. Silence ends in a
 * timeout.
 */
function asRefusal(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw /timeout|in time|closed|disconnect/i.test(message) ? error : new Refused(message);
}

function noRoom(folder: string): string | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < ROOM_BYTES ? `there is no room left in ${folder}` : null;
  } catch {
    return null;
  }
}

function withDeadline(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in time (${ANSWER_MS} ms)`)), ANSWER_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
