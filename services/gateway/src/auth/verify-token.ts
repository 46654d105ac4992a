import type { KeyObject } from 'node:crypto';
import { type AccessClaims, accessClaims, EDITIONS, type Edition } from '@recado/contracts';
import { AppError, type Caller, Unauthorized } from '@recado/service-kit';
import { createDecoder, createVerifier } from 'fast-jwt';
import { LRUCache } from 'lru-cache';
import type { KeySource } from './keys.ts';
import type { Revocations } from './revocations.ts';

/** Who holds an access token or an API key. */
export interface Principal {
  caller: Caller;
  /**
   * The edition that issued the token (it also selects the realtime dialect), or the one an API key
   * was used in.
   */
  edition: Edition;
  /** What is revoked to end it: the session, or of an API key the key. */
  sessionId: string;
  /** Unix milliseconds. */
  expiresAt: number;
}

export type VerifyToken = (bearer: string) => Promise<Principal>;

export interface TokenReaderOptions {
  keys: KeySource;
  now?: () => number;
}

/** A token of ours is under 1 KiB; anything much longer is not read at all. */
const MAX_LENGTH = 4096;
const decode = createDecoder({ complete: true });

/**
 * Makes the one check of access tokens, for HTTP and sockets alike; of revocations it knows nothing. The given text may start with `Bearer `.
 * Signature checks (EdDSA alone, key by `kid` from identity's JWKS) are remembered until the token expires; expiry is looked at every time.
 * The check throws Unauthorized (`token_expired` or `unauthorized`), or Unavailable before the first keys are known.
 */
export function createTokenReader({ keys, now = Date.now }: TokenReaderOptions): VerifyToken {
  // Verifying costs 156-278 µs; a hit about one.
  const verified = new LRUCache<string, Principal>({ max: 20_000 });
  const verifiers = new WeakMap<KeyObject, (token: string) => AccessClaims>();

  async function verifyFresh(token: string): Promise<Principal> {
    const { header } = readHeader(token);
    // `at+jwt` (RFC 9068): no other kind of JWT passes. A key the token itself offers (jwk, jku) is never looked at.
    if (header.alg !== 'EdDSA' || header.typ !== 'at+jwt' || typeof header.kid !== 'string') throw new Unauthorized();
    const key = await keys.find(header.kid);
    if (!key) throw new Unauthorized();
    let verifier = verifiers.get(key);
    if (!verifier) {
      verifier = verifierFor(key);
      verifiers.set(key, verifier);
    }
    const principal = toPrincipal(verifier(token));
    verified.set(token, principal);
    return principal;
  }

  return async (bearer) => {
    const token = bearer.slice(0, 7).toLowerCase() === 'bearer ' ? bearer.slice(7).trim() : bearer;
    if (token.length === 0 || token.length > MAX_LENGTH) throw new Unauthorized();
    const principal = verified.get(token) ?? (await verifyFresh(token));
    if (principal.expiresAt <= now()) throw new Unauthorized('The token has expired', 'token_expired');
    return principal;
  };
}

/**
 * The same check with revocations looked up, for sockets. Of requests the limits look them up, in
 * the round trip they make anyway.
 */
export function createTokenVerifier(read: VerifyToken, revocations: Revocations): VerifyToken {
  return async (bearer) => {
    const principal = await read(bearer);
    if (await revocations.isRevoked(principal.sessionId)) throw new Unauthorized('The session has ended');
    return principal;
  };
}

function readHeader(token: string): { header: { alg?: unknown; typ?: unknown; kid?: unknown } } {
  try {
    return decode(token);
  } catch {
    throw new Unauthorized();
  }
}

function verifierFor(key: KeyObject): (token: string) => AccessClaims {
  const verify = createVerifier({
    key: key.export({ type: 'spki', format: 'pem' }),
    algorithms: ['EdDSA'],
    allowedIss: 'recado',
    allowedAud: [...EDITIONS],
    requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat'],
    // Tolerates the clocks of two machines; expiry itself is checked on each use.
    clockTolerance: 5000,
  });
  return (token) => {
    let payload: unknown;
    try {
      payload = verify(token);
    } catch (error) {
      const expired = (error as { code?: string }).code === 'FAST_JWT_EXPIRED';
      throw expired ? new Unauthorized('The token has expired', 'token_expired') : new Unauthorized();
    }
    const claims = accessClaims.safeParse(payload);
    if (!claims.success) throw new AppError('unauthorized', 'Authentication required', { cause: claims.error });
    return claims.data;
  };
}

function toPrincipal(claims: AccessClaims): Principal {
  return {
    caller: {
      tenantId: claims.tid,
      userId: claims.sub,
      role: claims.role,
      permissions: claims.perms,
      edition: claims.aud,
      service: 'gateway',
      sessionId: claims.sid,
      ...(claims.unproved ? { unproved: true as const } : {}),
    },
    edition: claims.aud,
    sessionId: claims.sid,
    expiresAt: claims.exp * 1000,
  };
}
