import { AppError, EmailUnproved, Forbidden, Unauthorized } from '@recado/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isApiKey } from '../auth/api-keys.ts';
import type { Principal } from '../auth/verify-token.ts';
import type { GatewayDeps } from '../deps.ts';
import { clientKey } from '../limits/address.ts';
import { limitHeaders } from '../limits/windows.ts';
import type { AnyEditionRoute, Edition } from './edition.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null before it is known and on open routes. */
    principal: Principal | null;
    /** Whether Redis said in this request that the principal's session or key is not revoked. */
    vouched: boolean;
  }
}

type Guarded = Pick<AnyEditionRoute, 'auth' | 'method' | 'person' | 'userLimit' | 'addressLimit' | 'unproved'>;

/**
 * Identifies the caller and checks the limits, before the body is read. From here on every answer,
 * also a refusal, carries the rest of the limits.
 * @throws Unauthorized, TooManyRequests, Forbidden (`email_unproved`, or a user is needed)
 */
export async function admit(
  edition: Edition,
  route: Guarded,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GatewayDeps,
): Promise<Principal | null> {
  const principal = await knownCaller(edition, route, request, reply, deps);
  if (!principal) {
    // Reading an open route costs little. A change costs password hashes and rows.
    if (route.method !== 'GET' && route.addressLimit !== false) await deps.limits.checkAddress(keyOf(request, deps));
    return null;
  }
  if (route.person && principal.caller.userId === null) throw new Forbidden('This takes a person');
  return admitUnproved(route, principal, deps);
}

/**
 * A company that has not proved its e-mail reads and changes nothing. @throws Forbidden
 * `email_unproved`, Unavailable
 */
async function admitUnproved(
  { method, unproved }: Pick<Guarded, 'method' | 'unproved'>,
  principal: Principal,
  deps: GatewayDeps,
): Promise<Principal> {
  if (!principal.caller.unproved || method === 'GET' || unproved) return principal;
  const settled = await deps.settleProof(principal);
  if (settled.caller.unproved) throw new EmailUnproved();
  return settled;
}

/**
 * For unknown paths: an authenticated caller is counted as usual, and every caller gets the 404.
 * @throws TooManyRequests
 */
export async function admitUnrouted(
  edition: Edition,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GatewayDeps,
): Promise<void> {
  try {
    await knownCaller(edition, { auth: 'optional' }, request, reply, deps);
  } catch (error) {
    if (error instanceof AppError && error.code === 'too_many_requests') throw error;
  }
}

/**
 * The owner of the token or key, counted against their limits; null where none is needed and no
 * valid one is given.
 */
async function knownCaller(
  edition: Edition,
  { auth, userLimit }: Pick<Guarded, 'auth' | 'userLimit'>,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GatewayDeps,
): Promise<Principal | null> {
  if (auth === 'none') return null;
  try {
    const principal = await identify(edition, request, deps);
    const { counters, refused, vouched } = await deps.limits.check(principal, userLimit);
    request.vouched = vouched;
    reply.headers(limitHeaders(counters));
    if (refused) throw refused;
    return principal;
  } catch (error) {
    // A page may still send its dead token with a log-in's second step: that is a log-in.
    if (auth === 'optional' && error instanceof AppError && error.status === 401) return null;
    throw error;
  }
}

function identify(edition: Edition, request: FastifyRequest, deps: GatewayDeps): Promise<Principal> {
  const credential = credentialOf(request);
  if (!credential) throw new Unauthorized();
  return isApiKey(credential)
    ? deps.apiKeys.find(credential, edition.name, request.ip, keyOf(request, deps))
    : request.server.readToken(credential);
}

const keyOf = ({ ip, headers }: FastifyRequest, { config }: GatewayDeps) =>
  clientKey(ip, headers['user-agent'], config.trustedProxies);

/** A bearer's token or key, or the key of `X-Api-Key`. */
function credentialOf({ headers }: FastifyRequest): string | null {
  const { authorization } = headers;
  if (authorization !== undefined && authorization.slice(0, 7).toLowerCase() === 'bearer ') {
    return authorization.slice(7).trim();
  }
  const key = headers['x-api-key'];
  return typeof key === 'string' && isApiKey(key) ? key : null;
}
