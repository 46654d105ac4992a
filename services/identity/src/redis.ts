import type { Log } from '@recado/service-kit';
import { Redis } from 'ioredis';

/** Redis for what must not wait for it: a command fails at once while it is away, and after a second at most. */
export function connectRedis(url: string, log: Pick<Log, 'warn'>): Redis {
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
  return redis;
}
