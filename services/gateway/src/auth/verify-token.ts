import fastifyJwt from '@fastify/jwt';
import { type AccessClaims, accessClaims, EDITIONS, type Edition } from '@recado/contracts';
import { AppError, type Caller, createCache, Unauthorized } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
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

declare module 'fastify' {
  interface FastifyInstance {
    readToken: VerifyToken;
  }
}

export type VerifyToken = (bearer: string) => Promise<Principal>;

/** A token of ours is under 1 KiB; anything much longer is not read at all. */
const MAX_LENGTH = 4096;

/** Gives the app @fastify/jwt and `readToken`, the check of access tokens without revocations. */
export function useAccessTokens(app: FastifyInstance, keys: KeySource): void {
  app.register(fastifyJwt, {
    secret: { public: ({ header }: { header: { kid?: unknown } }) => publicKeyOf(keys, header) },
    verify: {
      algorithms: ['EdDSA'],
      // RFC 9068: no other kind of JWT passes. A key that the token brings (jwk, jku) is not used.
      checkTyp: 'at+jwt',
      allowedIss: 'recado',
      allowedAud: [...EDITIONS],
      requiredClaims: ['iss', 'aud', 'sub', 'exp', 'iat'],
      // Tolerates the clocks of two machines; expiry itself is checked on each use.
      clockTolerance: 5000,
    },
  });
  app.decorate('readToken', createTokenReader(app));
}

/** @throws Unauthorized, or Unavailable before the first keys are known */
async function publicKeyOf(keys: KeySource, { kid }: { kid?: unknown }): Promise<string> {
  const key = typeof kid === 'string' ? await keys.find(kid) : null;
  if (key === null) throw new Unauthorized();
  return key;
}

/**
 * The text may start with `Bearer `.
 * @throws Unauthorized (`token_expired` or `unauthorized`), or Unavailable before the first keys
 */
function createTokenReader(app: FastifyInstance): VerifyToken {
  // A token costs 100 µs once and 0.1 from then on; `request.jwtVerify` with its cache costs 10.
  const verified = createCache<string, Principal>({ max: 20_000 });

  async function verifyFresh(token: string): Promise<Principal> {
    const principal = toPrincipal(await verify(app, token));
    verified.set(token, principal);
    return principal;
  }

  return async (bearer) => {
    const token = bearer.slice(0, 7).toLowerCase() === 'bearer ' ? bearer.slice(7).trim() : bearer;
    if (token.length === 0 || token.length > MAX_LENGTH) throw new Unauthorized();
    const principal = verified.get(token) ?? (await verifyFresh(token));
    if (principal.expiresAt <= Date.now()) throw new Unauthorized('The token has expired', 'token_expired');
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

async function verify({ jwt }: FastifyInstance, token: string): Promise<AccessClaims> {
  let payload: unknown;
  try {
    payload = await jwt.verify(token);
  } catch (error) {
    // What `publicKeyOf` throws comes back wrapped.
    const { code, originalError } = error as { code?: string; originalError?: unknown };
    if (originalError instanceof AppError) throw originalError;
    throw code === 'FAST_JWT_EXPIRED' ? new Unauthorized('The token has expired', 'token_expired') : new Unauthorized();
  }
  const claims = accessClaims.safeParse(payload);
  if (!claims.success) throw new AppError('unauthorized', 'Authentication required', { cause: claims.error });
  return claims.data;
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
