import { SERVICES } from '@recado/contracts';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { request } from 'undici';
import type { Mesh, MeshProcess } from '../../../infra/local/mesh.ts';
import { CLOCKED, type Clocked, type Clocks } from './clocks.ts';

/**
 * The clock of one process is wrong by so many seconds for some time, and then right again. `nats`:
 * NATS is down during that.
 */
interface WrongClock {
  kind: 'wrong-clock';
  target: Clocked;
  seconds: number;
  nats?: 'down';
}

/** One thing going wrong. */
export type Fault =
  | { kind: 'kill'; target: MeshProcess }
  | { kind: 'wipe-jetstream' }
  | { kind: 'flush-redis' }
  | WrongClock;

const TARGETS: MeshProcess[] = [...SERVICES, 'nats', 'redis', 'postgres'];

/** Repeatable randomness (mulberry32): a run that went red is run again with its seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The faults of a run of `rounds`: kills of random targets, each target at least once if there are
 * enough rounds. In between JetStream loses its store and Redis is emptied.
 */
export function planFaults(rounds: number, seed: number): Fault[] {
  const random = seeded(seed);
  const shuffled = TARGETS.map((target) => ({ target, order: random() })).sort((a, b) => a.order - b.order);
  const kills = Array.from({ length: rounds }, (_, i): Fault => {
    const target = i < shuffled.length ? shuffled[i]!.target : TARGETS[Math.floor(random() * TARGETS.length)]!;
    return { kind: 'kill', target };
  });
  const extras: Fault[] =
    rounds >= 20
      ? [{ kind: 'wipe-jetstream' }, { kind: 'flush-redis' }, { kind: 'wipe-jetstream' }]
      : [{ kind: 'wipe-jetstream' }, { kind: 'flush-redis' }];
  for (const [i, extra] of extras.entries())
    kills.splice(Math.floor(((i + 1) * rounds) / (extras.length + 1)) + i, 0, extra);
  return kills;
}

const HOUR = 3600;

/**
 * Each clock two hours ahead and two hours behind. Then Postgres', by which rows are kept for 72
 * hours: five days ahead, with events that wait for NATS.
 */
export function planClocks(targets: readonly Clocked[] = CLOCKED): Fault[] {
  const turns = targets.flatMap((target): Fault[] => [
    { kind: 'wrong-clock', target, seconds: 2 * HOUR },
    { kind: 'wrong-clock', target, seconds: -2 * HOUR },
  ]);
  return [...turns, { kind: 'wrong-clock', target: 'postgres', seconds: 120 * HOUR, nats: 'down' }];
}

/** How long a clock is wrong. */
const WRONG_MS = 4000;

/** What a process takes for the time, in seconds. */
async function timeOf(mesh: Mesh, target: Clocked): Promise<number> {
  if (target !== 'postgres') {
    const answer = await request(`${mesh.urls[target]}/health/live`);
    await answer.body.dump();
    return Date.parse(String(answer.headers.date)) / 1000;
  }
  const sql = postgres(mesh.servers.databaseUrl, { max: 1 });
  const [row] = await sql<[{ now: number }]>`select extract(epoch from clock_timestamp())::float8 as now`;
  await sql.end();
  return row.now;
}

async function turnClock(mesh: Mesh, { target, seconds, nats }: WrongClock, clocks: Clocks): Promise<void> {
  const pause = () => new Promise((resolve) => setTimeout(resolve, WRONG_MS));
  if (nats) {
    await mesh.down('nats');
    await pause();
  }
  clocks.turn(target, seconds);
  await pause();
  const off = Math.round((await timeOf(mesh, target)) - Date.now() / 1000);
  if (Math.abs(off - seconds) > 60) throw new Error(`The clock of ${target} is ${off} s off instead of ${seconds}`);
  clocks.turn(target, 0);
  if (nats) await mesh.up('nats');
}

/** Makes one fault happen and returns. The supervisor restarts the victim. */
export async function inflict(mesh: Mesh, fault: Fault, clocks?: Clocks): Promise<void> {
  if (fault.kind === 'kill') return mesh.kill(fault.target);
  if (fault.kind === 'wrong-clock') {
    if (!clocks) throw new Error('This mesh has no clocks of its own');
    return turnClock(mesh, fault, clocks);
  }
  if (fault.kind === 'flush-redis') {
    const redis = new Redis(mesh.servers.redisUrl, { maxRetriesPerRequest: 3 });
    redis.on('error', () => undefined);
    try {
      await redis.flushall();
    } finally {
      redis.disconnect();
    }
    return;
  }
  await mesh.down('nats');
  mesh.wipeJetStream();
  await mesh.up('nats');
}

export function describeFault(fault: Fault): string {
  if (fault.kind === 'kill') return `kill -9 ${fault.target}`;
  if (fault.kind === 'wipe-jetstream') return "JetStream's store wiped";
  if (fault.kind === 'flush-redis') return 'Redis flushed';
  const hours = Math.abs(fault.seconds) / HOUR;
  const where = fault.seconds < 0 ? 'behind' : 'ahead';
  return `clock of ${fault.target} ${hours} h ${where}${fault.nats ? ', NATS down' : ''}`;
}
