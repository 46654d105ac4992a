import { createFairSemaphore } from '@recado/loops';
import type { Caller } from '../callers/caller.ts';
import { TooManyRequests, Unavailable } from '../http/errors.ts';

/** The connections of a client, shared by the tenants that calls are made for. */
export interface ClientSemaphore {
  /**
   * Waits for a connection; returns what gives it back. Calls for no tenant have a queue for each
   * route.
   * @throws TooManyRequests when the tenant has its share; Unavailable when all are taken
   */
  take(context: { caller?: Pick<Caller, 'tenantId'> | undefined }, route: string): Promise<() => void>;
}

/** Milliseconds a call waits for a connection. */
const WAIT_MS = 2000;
/** Calls that wait, over all tenants; beyond it the longest line is cut. */
const MAX_WAITING = 512;
const NO_TENANT = '00000000-0000-0000-0000-000000000000';

/**
 * A tenant gets three quarters of the connections at most, and an eighth is kept for tenants that
 * have none.
 */
export function createClientSemaphore(name: string, connections: number): ClientSemaphore {
  const perKey = Math.max(1, Math.floor((connections * 3) / 4));
  const spare = Math.floor(connections / 8);
  const semaphore = createFairSemaphore({ places: connections, perKey, spare, maxWaiting: MAX_WAITING });
  return {
    async take({ caller }, route) {
      const tenantId = caller?.tenantId ?? NO_TENANT;
      const key = tenantId === NO_TENANT ? route : tenantId;
      const end = await semaphore.take(key, WAIT_MS);
      if (end) return end;
      if (semaphore.isAtLimit(key)) {
        throw new TooManyRequests(1, 'Too many requests of this account are under way');
      }
      throw new Unavailable(name, undefined, `Too many requests wait for ${name}`);
    },
  };
}
