import type { Permission } from '@recado/contracts';
import { createSigner, createVerifier } from 'fast-jwt';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { Forbidden, Unauthorized } from './errors.ts';

/** Who a request is made for. Between services it travels as an internal token; nothing else is believed. */
export const callerSchema = z.object({
  tenantId: z.string(),
  /** Null when a service acts on its own. */
  userId: z.string().nullable(),
  /** `key`: a machine with an API key: no user, and everything its permissions name. */
  role: z.enum(['admin', 'supervisor', 'agent', 'key', 'service']),
  permissions: z.array(z.string()),
  /** The one that is called, whichever issued the token; null when a service acts on its own. */
  edition: z.string().nullable(),
  /** The service that calls. */
  service: z.string(),
  sessionId: z.string().optional(),
  apiKeyId: z.string().optional(),
});
export type Caller = z.infer<typeof callerSchema>;

/** The caller a service is when it acts for a tenant without a user: in consumers and timers. */
export function serviceCaller(service: string, tenantId: string): Caller {
  return { tenantId, userId: null, role: 'service', permissions: [], edition: null, service };
}

/**
 * The owning service's check of what the gateway checked already. Services that act on their own account (consumers,
 * hydration) pass, unless `services: false` says that this takes a person.
 * @throws Forbidden
 */
export function requirePermission(caller: Caller, permission: Permission, { services = true } = {}): void {
  if (services && caller.role === 'service') return;
  if (!caller.permissions.includes(permission)) throw new Forbidden(`This needs the permission ${permission}`);
}

const AUDIENCE = 'recado-internal';
const MIN_SECRET = 32;

interface Signed {
  token: string;
  until: number;
}
interface Known {
  caller: Caller;
  expires: number;
}
interface Keys {
  sign(claims: object, ttlSeconds: number): string;
  verify(token: string): Record<string, unknown>;
  signed: LRUCache<string, Signed>;
  known: LRUCache<string, Known>;
}

const rings = new Map<string, Keys>();

function keysOf(secret: string): Keys {
  let keys = rings.get(secret);
  if (!keys) {
    if (secret.length < MIN_SECRET) throw new Error(`The internal secret needs at least ${MIN_SECRET} characters`);
    const signers = new Map<number, (claims: object) => string>();
    const verify = createVerifier({
      key: secret,
      algorithms: ['HS256'],
      allowedAud: AUDIENCE,
      requiredClaims: ['exp', 'aud'],
    });
    keys = {
      sign(claims, ttlSeconds) {
        let signer = signers.get(ttlSeconds);
        if (!signer) {
          signer = createSigner({ key: secret, algorithm: 'HS256', aud: AUDIENCE, expiresIn: ttlSeconds * 1000 });
          signers.set(ttlSeconds, signer);
        }
        return signer(claims);
      },
      verify,
      // Tokens live a minute, so both caches stay small; the caps bound a flood of distinct callers.
      signed: new LRUCache({ max: 5000 }),
      known: new LRUCache({ max: 5000 }),
    };
    rings.set(secret, keys);
  }
  return keys;
}

/**
 * Signs a caller as an internal token (HS256, audience `recado-internal`).
 * The same caller gets the same token for half its life, so that a request does not cost a signature.
 * @throws when the secret is shorter than 32 characters
 */
export function signInternalToken(secret: string, caller: Caller, ttlSeconds = 60): string {
  const keys = keysOf(secret);
  const now = Date.now();
  const key = `${ttlSeconds}\n${caller.tenantId}\n${caller.userId}\n${caller.role}\n${caller.edition}\n${caller.service}\n${caller.sessionId}\n${caller.apiKeyId}\n${caller.permissions.join()}`;
  const cached = keys.signed.get(key);
  if (cached && cached.until > now) return cached.token;
  const { tenantId, userId, role, permissions, edition, service, sessionId, apiKeyId } = caller;
  const claims = { tenantId, userId, role, permissions, edition, service, sessionId, apiKeyId };
  const token = keys.sign(claims, ttlSeconds);
  keys.signed.set(key, { token, until: now + ttlSeconds * 500 });
  return token;
}

/**
 * The caller of an internal token. The result is shared between requests and frozen.
 * @throws Unauthorized when it is forged, expired, of another audience or algorithm, or not a caller
 */
export function verifyInternalToken(secret: string, token: string): Caller {
  const keys = keysOf(secret);
  const now = Date.now();
  const cached = keys.known.get(token);
  if (cached) {
    if (cached.expires > now) return cached.caller;
    keys.known.delete(token);
    throw new Unauthorized('The internal token has expired');
  }
  const { caller, expires } = check(keys, token);
  keys.known.set(token, { caller, expires });
  return caller;
}

function check(keys: Keys, token: string): Known {
  try {
    const claims = keys.verify(token);
    const caller = callerSchema.parse(claims);
    Object.freeze(caller.permissions);
    return { caller: Object.freeze(caller), expires: Number(claims.exp) * 1000 };
  } catch (cause) {
    // Which check failed is for the log alone.
    throw Object.assign(new Unauthorized('A valid internal token is required'), { cause });
  }
}
