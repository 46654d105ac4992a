import { answerWithin } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Asks Redis only while it answers. */
export interface RedisGate {
  /**
   * What Redis says, or null while it is away. Never throws, and waits no longer than
   * a quarter of a second.
   */
  ask<T>(command: () => Promise<T>): Promise<T | null>;
}

/** Milliseconds that a request waits for Redis. */
const PATIENCE_MS = 250;
/** Between looks whether it is back. */
const PROBE_MS = 500;

/**
 * After one failed command Redis counts as away, and requests skip it: only the first waits for the
 * time-out. A ping in the background notices when Redis is back.
 */
export function createRedisGate(redis: Redis, log: Logger): RedisGate {
  let away = false;

  function probe(): void {
    setTimeout(() => {
      redis.ping().then(() => {
        away = false;
        log.info('Redis is back: limits and revocations are its own again');
      }, probe);
    }, PROBE_MS).unref();
  }

  return {
    async ask(command) {
      if (away) return null;
      try {
        return await answerWithin(command(), PATIENCE_MS);
      } catch (err) {
        if (!away) {
          away = true;
          log.warn({ err }, 'Redis is away: each gateway counts limits by itself, new revocations are not seen');
          probe();
        }
        return null;
      }
    },
  };
}
