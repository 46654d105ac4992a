import { createFairSemaphore, type FairSemaphoreOptions } from '@recado/loops';
import { PoolBusy } from './errors.ts';
import { KINDS, type Kind } from './kinds.ts';

/** The connections of a pool, shared by tenants. */
export interface Places {
  /**
   * Waits for a connection; returns what gives it back.
   * @throws PoolBusy when none came free in time
   */
  take(tenantId: string, kind: Kind): Promise<() => void>;
  /** Transactions that wait by now, and that were refused so far. */
  stats(): { waiting: number; refused: Record<Scope, number> };
}

/** The limit that was reached: the tenant's share, or the whole pool. */
type Scope = 'tenant' | 'pool';

/** Milliseconds that a transaction waits for its connection: callers give up after 5 s. */
const WAIT_MS = 4000;
/** Transactions that wait, over all tenants; beyond it the longest queue is cut. */
const MAX_WAITING = 1000;

/**
 * A tenant gets 60 % of a pool's connections at most, and a fifth is kept for tenants that have
 * none. Heavy kinds get 40 %, half of it for one tenant.
 */
export const sharesOf = (connections: number): Record<'all' | 'heavy', FairSemaphoreOptions> => {
  const heavy = Math.max(1, Math.floor(connections * 0.4));
  return {
    all: {
      places: connections,
      perKey: Math.ceil(connections * 0.6),
      spare: connections < 4 ? 0 : Math.max(1, Math.floor(connections / 5)),
      maxWaiting: MAX_WAITING,
    },
    heavy: {
      places: heavy,
      perKey: Math.ceil(heavy / 2),
      spare: heavy < 2 ? 0 : 1,
      maxWaiting: MAX_WAITING,
    },
  };
};

/**
 * Shares a pool's connections: a free one goes to the waiting tenant with the fewest. A heavy kind
 * takes a place among its own first, so it never waits while it has a connection.
 */
export function createPlaces(connections: number, waitMs = WAIT_MS): Places {
  const shares = sharesOf(connections);
  const all = createFairSemaphore(shares.all);
  const heavy = createFairSemaphore(shares.heavy);
  const refused = { tenant: 0, pool: 0 };

  async function takeOf(semaphore: typeof all, tenantId: string, ms: number): Promise<() => void> {
    const end = await semaphore.take(tenantId, ms);
    if (end) return end;
    const scope: Scope = semaphore.isAtLimit(tenantId) ? 'tenant' : 'pool';
    refused[scope]++;
    throw new PoolBusy(scope);
  }

  return {
    stats: () => ({ waiting: all.waiting() + heavy.waiting(), refused: { ...refused } }),
    async take(tenantId, kind) {
      if (!KINDS[kind].isHeavy) return takeOf(all, tenantId, waitMs);
      const until = performance.now() + waitMs;
      const endHeavy = await takeOf(heavy, tenantId, waitMs);
      try {
        const end = await takeOf(all, tenantId, Math.max(0, until - performance.now()));
        return () => {
          end();
          endHeavy();
        };
      } catch (error) {
        endHeavy();
        throw error;
      }
    },
  };
}
