import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { workerNumber } from './context.ts';

let made: Promise<{ url: string }> | null = null;

/** The next file of this worker gets an empty one. */
export const forgetRedis = (): void => {
  made = null;
};

/**
 * Redis for this test file: a database number of this worker's own, flushed at the first call in
 * the file. Further calls in the same file return the same and flush nothing.
 */
export function testRedis(): Promise<{ url: string }> {
  made ??= (async () => {
    const url = new URL(inject('recado').redisUrl);
    url.pathname = `/${workerNumber()}`;
    const redis = new Redis(url.href);
    await redis.flushdb();
    await redis.quit();
    return { url: url.href };
  })();
  return made;
}
