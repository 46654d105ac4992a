import { createCache, serviceCaller, startTraceparent } from '@recado/service-kit';
import type { Clients } from '../clients.ts';
import type { Principal } from './verify-token.ts';

/**
 * The principal with its company's present state: a token from before the e-mail proof becomes a
 * full one. Asks identity each time until then.
 * @throws Unavailable while identity is away: an unproved company gains nothing by that
 */
export type SettleProof = (principal: Principal) => Promise<Principal>;

const MAX_TENANTS = 10_000;

export function createSettleProof({ identity }: { identity: Pick<Clients['identity'], 'getTenant'> }): SettleProof {
  // Proved companies stay proved.
  const proved = createCache<string, true>({ max: MAX_TENANTS });
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
