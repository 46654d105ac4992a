import type { Edition } from '@recado/contracts';
import type { PresentedToken } from './store.ts';

export type Presented = 'fresh' | 'repeated' | 'replayed' | 'expired' | 'unknown';

/**
 * What a presented refresh token is. A used one is `repeated` within the grace period, while the successor of its successor is unused:
 * the client lost the answer, or several tabs sent the same token. Otherwise it is `replayed`.
 * @param waitedMs how long ago the request arrived. Both it and `usedMsAgo` are durations, so that clocks of
 * different machines are never compared.
 */
export function presented(
  token: PresentedToken | null,
  edition: Edition,
  waitedMs: number,
  graceMs: number,
): Presented {
  if (!token || token.edition !== edition) return 'unknown';
  if (token.usedMsAgo !== null) {
    if (token.familyMovedOn || token.usedMsAgo - waitedMs >= graceMs) return 'replayed';
    return token.revoked ? 'unknown' : 'repeated';
  }
  if (token.revoked) return 'unknown';
  return token.expired ? 'expired' : 'fresh';
}
