import { createPublicKey } from 'node:crypto';
import { Unavailable } from '@recado/service-kit';

/** The source of access tokens' public keys (PEM); `find` gives null for an unknown kid. */
export interface KeySource {
  find(kid: string): Promise<string | null>;
  /** Settles when at least one key is known. @throws Unavailable else */
  ready(): Promise<void>;
}

export interface KeySourceOptions {
  /** Fetches identity's JWKS. */
  fetchJwks(): Promise<{ keys: Record<string, unknown>[] }>;
  now?: () => number;
}

/** An unknown kid may be a new key or a forgery: identity is asked at most this often. */
const ASK_AGAIN_MS = 10_000;
/** Keys taken out of the JWKS stop counting after this long. */
const STALE_MS = 5 * 60_000;

/**
 * Identity's Ed25519 keys by `kid`, in memory. After a failed fetch the known keys stay valid.
 * `find` throws Unavailable when no key was ever fetched and identity is away.
 */
export function createKeySource({ fetchJwks, now = () => performance.now() }: KeySourceOptions): KeySource {
  let keys = new Map<string, string>();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let failure: unknown = null;

  async function ask(): Promise<void> {
    askedAt = now();
    try {
      const jwks = await fetchJwks();
      keys = new Map(jwks.keys.flatMap((jwk) => readKey(jwk)));
      fetchedAt = now();
      failure = null;
    } catch (error) {
      failure = error;
    }
  }

  function refresh(): Promise<void> {
    asking ??= ask().finally(() => {
      asking = null;
    });
    return asking;
  }

  return {
    async ready() {
      if (keys.size === 0) await refresh();
      if (keys.size === 0) throw new Unavailable('identity', failure ?? undefined);
    },
    async find(kid) {
      const age = now() - askedAt;
      const known = keys.get(kid);
      if (known) {
        if (now() - fetchedAt > STALE_MS && age > ASK_AGAIN_MS) void refresh();
        return known;
      }
      // Nothing fetched yet: a start before identity's own; ask each time, one call serves all who
      // wait.
      if (asking || age > ASK_AGAIN_MS || (failure !== null && keys.size === 0)) await refresh();
      const found = keys.get(kid);
      if (!found && failure !== null && keys.size === 0) throw new Unavailable('identity', failure);
      return found ?? null;
    },
  };
}

/** One usable key, or nothing: only Ed25519 signature keys with a kid count. */
function readKey(jwk: Record<string, unknown>): [string, string][] {
  const { kid, kty, crv, x, use } = jwk;
  if (typeof kid !== 'string' || kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') return [];
  if (use !== undefined && use !== 'sig') return [];
  const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  return [[kid, key.export({ type: 'spki', format: 'pem' }).toString()]];
}
