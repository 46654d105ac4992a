import { TooManyRequests } from '@recado/service-kit';
import type { Hashing } from './hashing.ts';

/** A hash with ARGON's cost of 32 random bytes that were thrown away: no password matches it. */
const DUMMY_HASH = '$argon2id$v=19$m=19456,t=2,p=1$mxsJXplTltFESADaNO1NCQ$xl98tOo96nBVGVHXAzS5oXkcDJAAk5UUbgsew7+jXJI';

export interface Passwords {
  /** @throws TooManyRequests when too many wait */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is right. Without a stored hash (no such user) it takes as long and says
   * no.
   * @throws TooManyRequests when too many wait
   */
  verify(storedHash: string | null, password: string): Promise<boolean>;
  /**
   * Asked before anything else is done for a log-in, so that those beyond the queue cost nothing.
   * @throws TooManyRequests when too many wait
   */
  requireRoom(): void;
}

/**
 * Argon2id with a cap on hashes at once. Each takes 19 MiB and about 20 ms of a core, so a flood
 * would starve the machine. `maxWaiting` more wait; the rest is refused.
 */
export function createPasswords(options: { hashing: Hashing; concurrency: number; maxWaiting: number }): Passwords {
  const { hashing, concurrency, maxWaiting } = options;
  const waiting: (() => void)[] = [];
  let running = 0;

  function requireRoom(): void {
    if (running >= concurrency && waiting.length >= maxWaiting) {
      throw new TooManyRequests(2, 'Too many log-ins at this moment');
    }
  }

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    requireRoom();
    if (running >= concurrency) {
      // A finished hash hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }

  return {
    requireRoom,
    hash: (password) => inTurn(() => hashing.hash(normal(password))),
    verify: (storedHash, password) => inTurn(() => hashing.verify(storedHash ?? DUMMY_HASH, normal(password))),
  };
}

/**
 * One spelling of what looks the same, so that another keyboard's é is the same é (NIST SP 800-63B
 * 3.1.1.2).
 */
const normal = (password: string): string => password.normalize('NFKC');
