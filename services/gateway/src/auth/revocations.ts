import { createCache } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import type { RedisGate } from '../limits/redis-gate.ts';

export interface Revocations {
  /** True when the session was logged out or suspended, or the API key revoked. Never throws. */
  isRevoked(id: string): Promise<boolean>;
  /** Whether this process has met the revocation already. */
  isKnown(id: string): boolean;
  /** Remembers what was found out elsewhere. */
  learn(id: string): void;
}

/** Identity sets it for as long as the session's access token could live. */
export const revokedKey = (id: string) => `recado:revoked:${id}`;

/** A revocation is final: one that was seen once counts also while Redis is away. */
const MAX_KNOWN = 50_000;

/**
 * Looks revoked sessions and API keys up in Redis. Without Redis, tokens stay valid until they
 * expire, instead of refusing all; `onUnknown` counts those.
 */
export function createRevocations(redis: Redis, gate: RedisGate, onUnknown: () => void = () => {}): Revocations {
  const known = createCache<string, true>({ max: MAX_KNOWN });
  return {
    async isRevoked(id) {
      if (known.has(id)) return true;
      const found = await gate.ask(() => redis.exists(revokedKey(id)));
      if (found === null) onUnknown();
      if (found === 1) known.set(id, true);
      return found === 1;
    },
    isKnown: (id) => known.has(id),
    learn: (id) => void known.set(id, true),
  };
}
