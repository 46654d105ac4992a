import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CallKey, RouteContract } from '@recado/contracts';
import { ValidationFailed } from './errors.ts';

const HEADER = 'idempotency-key';
const KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * The Idempotency-Key of a call to a route that keeps them; undefined when it came with none.
 * @throws ValidationFailed for a key that is none
 */
export function callKeyOf(
  contract: Pick<RouteContract, 'method' | 'path' | 'once'>,
  headers: IncomingHttpHeaders,
  { params, query, body }: { params?: unknown; query?: unknown; body?: unknown },
): CallKey | undefined {
  const key = headers[HEADER];
  if (contract.once !== true || key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new ValidationFailed([{ field: HEADER, message: '1 to 128 visible ASCII characters', code: 'header' }]);
  }
  // Keyed: bodies hold passwords, which a plain digest would let a reader of the table guess.
  const request = createHmac('sha256', key)
    .update(JSON.stringify([params, query, body]))
    .digest('base64url');
  return { route: `${contract.method} ${contract.path}`, key, request };
}
