import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../auth/verify-token.ts';
import type { EditionFormat } from '../edge/edition-format.ts';
import type { RouteOptions } from '../edge/route-options.ts';
import { refuseField } from '../edge/validation.ts';

const HEADER = 'Idempotency-Key';
/**
 * Visible ASCII. A header given twice arrives joined by a comma and a space, so it is refused too.
 */
const VISIBLE = /^[\x21-\x7e]{1,255}$/;

/** Whether a route takes a key, which its service then knows the call by. */
export const takesKey = (route: RouteOptions): boolean =>
  keepsAnswers(route) || (route.method === 'POST' && route.idempotent === 'owner');

/**
 * Whether a route keeps its answers: routes that create or send for an authenticated caller. Never
 * log-ins and answers with secrets.
 */
export const keepsAnswers = ({ method, auth, idempotent, cache, path }: RouteOptions): boolean =>
  method === 'POST' &&
  auth === 'bearer' &&
  idempotent !== false &&
  idempotent !== 'owner' &&
  cache !== 'none' &&
  !/^(?:\/api)?\/auth\//.test(path);

/** The client's key, or null. @throws InvalidRequest for one that can't be */
export function givenKey({ headers }: FastifyRequest, { texts }: EditionFormat): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key === 'string' && VISIBLE.test(key)) return key;
  return refuseField(HEADER, texts.badKey);
}

/**
 * What a key is good for: one person or machine of a tenant, at one route. Nothing of the key
 * itself can be read from it.
 */
export function scopeOf({ caller }: Principal, method: string, routePath: string, key: string): string {
  return hash([caller.tenantId, caller.userId ?? `key:${caller.apiKeyId}`, method, routePath, key]);
}

/** What a key is known by in Redis, and what opens its answer, which is kept nowhere. */
export interface KeyNames {
  scope: string;
  secret: Buffer;
}

export function namesOf(principal: Principal, method: string, routePath: string, key: string): KeyNames {
  const scope = scopeOf(principal, method, routePath, key);
  return {
    scope,
    secret: createHash('sha256')
      .update(JSON.stringify(['answer', scope, key]))
      .digest(),
  };
}

/** What was asked, so that the same key with something else is noticed. */
export function fingerprintOf({ method, url, given: body, headers }: FastifyRequest): string {
  // Of a body that was not parsed (a file) its length is what can be compared.
  return hash([method, url, body === undefined ? `${headers['content-length'] ?? 0} bytes` : JSON.stringify(body)]);
}

const hash = (parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
