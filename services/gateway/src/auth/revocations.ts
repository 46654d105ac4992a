import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

export interface Revocations {
  /** True when the session was logged out or suspended. */
  isRevoked(sessionId: string): Promise<boolean>;
}

/** Identity sets it on logout for as long as the session's access token could live. */
export const revokedKey = (sessionId: string) => `recado:revoked:${sessionId}`;

/** One line of log a second is enough to see that Redis is away. */
const LOG_EVERY_MS = 1000;

/**
 * Looks revoked sessions up in Redis. While Redis is away tokens go on counting until they expire: better than
 * refusing everyone; `onUnknown` counts those.
 */
export function createRevocations(redis: Redis, log: Logger, onUnknown: () => void = () => {}): Revocations {
  let loggedAt = 0;
  return {
    async isRevoked(sessionId) {
      try {
        return (await redis.exists(revokedKey(sessionId))) === 1;
      } catch (error) {
        onUnknown();
        if (Date.now() - loggedAt > LOG_EVERY_MS) {
          loggedAt = Date.now();
          log.warn({ err: error }, 'Redis is away: revocations are not seen');
        }
        return false;
      }
    },
  };
}
