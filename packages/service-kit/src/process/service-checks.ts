import { type ReadyChecks, shareCheck } from './health.ts';

/** The part of ioredis that a check needs. */
interface RedisLike {
  set(key: string, value: string, unit: 'PX', milliseconds: number): Promise<unknown>;
}

/** What a service works with, as far as its readiness is concerned. */
export interface ServiceParts {
  name: string;
  db: { checkWrite(): Promise<void> };
  workerDb: { ping(): Promise<void> };
  bus: { ping(): Promise<void>; checkStore(name: string): Promise<void> };
  relay: { ready(): Promise<void> };
  consumers: { check(): void }[];
  redis?: RedisLike;
}

/**
 * The checks of a service with a database: what it writes, publishes and consumes, tried for real.
 */
export function serviceChecks({ name, db, workerDb, bus, relay, consumers, redis }: ServiceParts): ReadyChecks {
  return {
    postgres: shareCheck(() => db.checkWrite()),
    'postgres-worker': () => workerDb.ping(),
    nats: () => bus.ping(),
    jetstream: shareCheck(() => bus.checkStore(name)),
    stream: shareCheck(() => relay.ready()),
    consumers: async () => {
      for (const consumer of consumers) consumer.check();
    },
    ...(redis ? { redis: checkRedisWrite(redis, name) } : {}),
  };
}

const KEY_MS = 5000;

/**
 * Writes a key that vanishes by itself: a Redis at `maxmemory` answers pings and refuses writes.
 */
export function checkRedisWrite(redis: RedisLike, name: string): () => Promise<void> {
  return shareCheck(async () => {
    try {
      await redis.set(`recado:health:${name}`, '1', 'PX', KEY_MS);
    } catch (error) {
      // Redis begins a refusal with its kind: OOM, READONLY, MISCONF, LOADING.
      const kind = /^[A-Z]+\b/.exec((error as Error).message)?.[0];
      throw kind ? Object.assign(error as Error, { code: kind }) : error;
    }
  });
}
