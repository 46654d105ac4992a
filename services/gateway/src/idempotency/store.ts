import { randomUUID } from 'node:crypto';
import { Unavailable } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import type { RedisGate } from '../limits/redis-gate.ts';
import { defineScript } from '../limits/script.ts';
import type { KeyNames } from './key.ts';
import { type KeptAnswer, openAnswer, sealAnswer } from './sealed-answer.ts';

/** The state of a key at this moment. */
export type Claim =
  | { state: 'ours'; lease: Lease }
  | { state: 'in flight' }
  | { state: 'other request' }
  | { state: 'answered'; answer: KeptAnswer };

/** The right to answer a key, held while its request is under way. */
export interface Lease {
  /** Keeps the answer for the key. Never throws: the answer is given all the same. */
  keep(answer: KeptAnswer): Promise<void>;
  /** Gives the key back unused. Never throws. */
  release(): Promise<void>;
}

export interface IdempotencyStore {
  /** @throws Unavailable while Redis is away: a client with a key needs certainty */
  claim(tenantId: string, { scope, secret }: KeyNames, fingerprint: string): Promise<Claim>;
}

interface Stored {
  fingerprint: string;
  /** Who holds the lease; absent once answered. */
  owner?: string;
  /** Sealed; of the version before as it is. */
  answer?: string | KeptAnswer;
}

const KEEP_S = 24 * 3600;
/** A gateway that dies leaves its keys in flight for so long; one that lives renews them. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;

/**
 * Does something to a key only while the lease is still this one's. KEYS: the key. ARGV: the lease
 * as stored; what to put there, or ''; ms.
 */
const IF_OURS = defineScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0} end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return {1}
`);

/**
 * Answers by key, in Redis, for a day. The tenant is in the name, so that an erasure finds them.
 */
export function createIdempotencyStore(redis: Redis, gate: RedisGate): IdempotencyStore {
  async function ask<T>(command: () => Promise<T>): Promise<T> {
    // Wrapped, as null is an answer of Redis too.
    const said = await gate.ask(async () => ({ value: await command() }));
    if (!said) throw new Unavailable('redis');
    return said.value;
  }

  function leaseOf(key: string, secret: Buffer, stored: Stored): Lease {
    const text = JSON.stringify(stored);
    const change = (to: string, ms: number) => gate.ask(() => IF_OURS.run(redis, [key], [text, to, ms]));
    const renewing = setInterval(() => void change(text, LEASE_MS), RENEW_MS).unref();
    return {
      async keep(answer) {
        clearInterval(renewing);
        const { fingerprint } = stored;
        const kept: Stored = { fingerprint, answer: sealAnswer(answer, secret) };
        await change(JSON.stringify(kept), KEEP_S * 1000);
      },
      async release() {
        clearInterval(renewing);
        await change('', 0);
      },
    };
  }

  return {
    async claim(tenantId, { scope, secret }, fingerprint) {
      const key = `recado:idempotency:${tenantId}:${scope}`;
      const mine: Stored = { fingerprint, owner: randomUUID() };
      for (;;) {
        const taken = await ask(() => redis.set(key, JSON.stringify(mine), 'PX', LEASE_MS, 'NX'));
        if (taken === 'OK') return { state: 'ours', lease: leaseOf(key, secret, mine) };
        const text = await ask(() => redis.get(key));
        // Given back in between.
        if (text === null) continue;
        const stored = JSON.parse(text) as Stored;
        if (stored.fingerprint !== fingerprint) return { state: 'other request' };
        const { answer } = stored;
        if (answer === undefined) return { state: 'in flight' };
        return { state: 'answered', answer: typeof answer === 'string' ? openAnswer(answer, secret) : answer };
      }
    },
  };
}
