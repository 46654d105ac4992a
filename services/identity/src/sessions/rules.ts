import type { Edition } from '@recado/contracts';
import type { PresentedToken } from './store.ts';

/**
 * How long the answer to a successful refresh is held back, in milliseconds. It must cover how far apart requests
 * that a client sent in the same instant arrive; it costs each refresh that much, once in 15 minutes or rarer.
 */
export const PARALLEL_MS = 200;

export type Presented = 'fresh' | 'parallel' | 'replayed' | 'expired' | 'unknown';

/**
 * What a refresh token that was presented is.
 * @param waitedMs how long ago the request arrived. Both it and `usedMsAgo` are durations, so that clocks of
 * different machines are never compared.
 */
export function presented(token: PresentedToken | null, edition: Edition, waitedMs: number): Presented {
  if (!token || token.edition !== edition) return 'unknown';
  if (token.usedMsAgo !== null) return token.usedMsAgo - waitedMs < PARALLEL_MS ? 'parallel' : 'replayed';
  if (token.revoked) return 'unknown';
  return token.expired ? 'expired' : 'fresh';
}
