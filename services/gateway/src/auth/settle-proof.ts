import { serviceCaller, startTraceparent } from '@recado/service-kit';
import { LRUCache } from 'lru-cache';
import type { Clients } from '../clients.ts';
import type { Principal } from './verify-token.ts';

/**
 * The principal as its company stands now: a token that was signed before the e-mail was proved goes on as a full one afterwards.
 * Asks identity each time until then. @throws Unavailable while identity cannot say: an unproved company gets nothing by that
 */
export type SettleProof = (principal: Principal) => Promise<Principal>;

const MAX_TENANTS = 10_000;

export function createSettleProof({ identity }: { identity: Pick<Clients['identity'], 'getTenant'> }): SettleProof {
  // Proved companies stay proved.
  const proved = new LRUCache<string, true>({ max: MAX_TENANTS });
  return async (principal) => {
    const { unproved, ...caller } = principal.caller;
    if (!unproved) return principal;
    const { tenantId } = caller;
    if (!proved.has(tenantId)) {
      const context = { caller: serviceCaller('gateway', tenantId), traceparent: startTraceparent() };
      const { unprovedUntil } = await identity.getTenant({}, context);
      if (unprovedUntil !== null) return principal;
      proved.set(tenantId, true);
    }
    return { ...principal, caller };
  };
}
