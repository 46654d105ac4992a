import { SERVICES } from '@recado/contracts';
import { Redis } from 'ioredis';
import type { Mesh, MeshProcess } from '../../infra/local/mesh.ts';

/** One thing going wrong. */
export type Fault = { kind: 'kill'; target: MeshProcess } | { kind: 'wipe-jetstream' } | { kind: 'flush-redis' };

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
 * What will go wrong in a run of `rounds`: kills of random targets, every target at least once when there are rounds
 * enough, and in between JetStream's store lost and Redis emptied.
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

/** Makes one fault happen. The supervisor brings the victim back; nobody waits for it here. */
export async function inflict(mesh: Mesh, fault: Fault): Promise<void> {
  if (fault.kind === 'kill') return mesh.kill(fault.target);
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

export const describeFault = (fault: Fault): string =>
  fault.kind === 'kill'
    ? `kill -9 ${fault.target}`
    : fault.kind === 'wipe-jetstream'
      ? "JetStream's store wiped"
      : 'Redis flushed';
