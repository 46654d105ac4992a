import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '@recado/service-kit';
import { Redis } from 'ioredis';

/** Milliseconds that a start waits for Redis; then it starts without. */
const PATIENCE_MS = 1000;

/**
 * Redis for work that must not wait: commands fail at once while it is away, and after a second at
 * most. Resolves when it is connected, or after a second.
 */
export async function connectRedis(url: string, log: Pick<Log, 'warn'>): Promise<Redis> {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 1000,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1000),
  });
  let away = false;
  redis.on('error', (err) => {
    // One line for each outage, not for each attempt.
    if (!away) log.warn({ err }, 'Redis is away: log-ins are limited by each process alone, revocations wait');
    away = true;
  });
  redis.on('ready', () => {
    away = false;
  });
  await Promise.race([
    new Promise((resolve) => redis.once('ready', resolve)),
    pause(PATIENCE_MS, null, { ref: false }),
  ]);
  return redis;
}
