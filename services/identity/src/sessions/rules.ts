import type { Edition } from '@recado/contracts';
import type { PresentedToken } from './store.ts';

export type Presented = 'fresh' | 'repeated' | 'replayed' | 'expired' | 'unknown';

/**
 * What a refresh token is. A used one is `repeated` within the grace period, while its successor's
 * successor is unused; otherwise it is `replayed`.
 * @param waitedMs how long ago the request arrived. Durations, because clocks of machines differ.
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
