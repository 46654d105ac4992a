import type { Edition } from '@recado/contracts';
import {
  AppError,
  type Caller,
  createCache,
  startTraceparent,
  TooManyRequests,
  Unauthorized,
} from '@recado/service-kit';
import type { Clients } from '../clients.ts';
import { addressKey } from '../limits/address.ts';
import { createPace } from '../limits/pace.ts';
import type { Principal } from './verify-token.ts';

/** The owner of an API key. */
export interface ApiKeys {
  /**
   * The API key as a caller of this edition. Guesses count against `client`, else the address.
   * @throws Unauthorized for a key that is unknown, revoked or expired
   * @throws TooManyRequests for an address that guesses; Unavailable while identity is away
   */
  find(key: string, edition: Edition, ip: string, client?: string): Promise<Principal>;
}

export interface ApiKeysOptions {
  identity: Pick<Clients['identity'], 'authenticateApiKey'>;
  /** Unknown keys that one address may show in a minute. */
  unknownPerMinute: number;
  now?: () => number;
}

interface Holder {
  apiKeyId: string;
  tenantId: string;
  permissions: string[];
  /** Unix milliseconds. */
  expiresAt: number;
}

/** Starts every key, which tells it from an access token. */
const PREFIX = 'rcd_';
/** What can't be one is not asked about. */
const SHAPE = /^rcd_[\w-]{16,200}$/;
/**
 * Good or bad, an answer counts for so long; a revocation is seen at once, by its mark in Redis.
 */
const KEEP_MS = 5_000;
const MAX_KNOWN = 10_000;
const MAX_UNKNOWN = 5_000;
const NOBODY: Caller = {
  tenantId: '00000000-0000-0000-0000-000000000000',
  userId: null,
  role: 'service',
  permissions: [],
  edition: null,
  service: 'gateway',
};

export const isApiKey = (text: string): boolean => text.startsWith(PREFIX);

/**
 * Asks identity, once per key and few seconds; of an address that shows many unknown keys it asks
 * nothing more that minute.
 */
export function createApiKeys({ identity, unknownPerMinute, now = Date.now }: ApiKeysOptions): ApiKeys {
  const holders = createCache<string, Holder>({ max: MAX_KNOWN, ttl: KEEP_MS });
  const unknown = createCache<string, true>({ max: MAX_UNKNOWN, ttl: KEEP_MS });
  const asking = new Map<string, Promise<Holder>>();
  const guesses = createPace(now);

  async function ask(key: string, ip: string, address: string): Promise<Holder> {
    // Counted before the answer is known, or a thousand guesses at once would all pass; given back
    // when it was none.
    if (guesses.add(address, 1) > unknownPerMinute) {
      guesses.add(address, -1);
      throw new TooManyRequests(60 - (Math.floor(now() / 1000) % 60));
    }
    let guessed = false;
    try {
      const { apiKeyId, tenantId, permissions, expiresAt } = await identity.authenticateApiKey(
        { body: { key, ip } },
        { caller: NOBODY, traceparent: startTraceparent() },
      );
      const holder = {
        apiKeyId,
        tenantId,
        permissions,
        expiresAt: expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
      };
      holders.set(key, holder);
      return holder;
    } catch (error) {
      guessed = error instanceof AppError && error.status === 401;
      if (guessed) unknown.set(key, true);
      throw error;
    } finally {
      if (!guessed) guesses.add(address, -1);
    }
  }

  return {
    async find(key, edition, ip, client = addressKey(ip)) {
      if (!SHAPE.test(key) || unknown.has(key)) throw new Unauthorized('This API key is not valid');
      let holder = holders.get(key);
      if (!holder) {
        let question = asking.get(key);
        if (!question) {
          question = ask(key, ip, client).finally(() => asking.delete(key));
          asking.set(key, question);
        }
        holder = await question;
      }
      if (holder.expiresAt <= now()) throw new Unauthorized('This API key has expired');
      return toPrincipal(holder, edition);
    },
  };
}

function toPrincipal({ apiKeyId, tenantId, permissions, expiresAt }: Holder, edition: Edition): Principal {
  return {
    caller: { tenantId, userId: null, role: 'key', permissions, edition, service: 'gateway', apiKeyId },
    edition,
    sessionId: apiKeyId,
    expiresAt,
  };
}
