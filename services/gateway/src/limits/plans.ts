import type { PlanName } from '@recado/contracts';
import { createCache, serviceCaller, startTraceparent } from '@recado/service-kit';
import type { Clients } from '../clients.ts';

/** The plan of a tenant, as of the last few seconds. Never throws. */
export type FindPlan = (tenantId: string) => Promise<PlanName> | PlanName;

export interface PlansOptions {
  identity: Pick<Clients['identity'], 'getTenant'>;
  now?: () => number;
}

/** Known for this long without asking. */
const FRESH_MS = 5_000;
/** Good for this long while a newer one is being fetched; after that a request waits for it. */
const STALE_MS = 10_000;
/** Identity answers in milliseconds; when it doesn't, limits are not what a request waits for. */
const WAIT_MS = 300;
const MAX_TENANTS = 20_000;
/**
 * For unknown tenants while identity is away: the widest plan, because theirs may be the widest.
 */
const UNKNOWN: PlanName = 'enterprise';

export function createPlans({ identity, now = () => performance.now() }: PlansOptions): FindPlan {
  const known = createCache<string, { plan: PlanName; at: number }>({ max: MAX_TENANTS });
  const asking = new Map<string, Promise<PlanName>>();

  async function ask(tenantId: string): Promise<PlanName> {
    // Kept a moment even when identity can't say: a request must not wait for it each time.
    let plan = known.get(tenantId)?.plan ?? UNKNOWN;
    try {
      const context = {
        caller: serviceCaller('gateway', tenantId),
        requestId: 'limits',
        traceparent: startTraceparent(),
        signal: AbortSignal.timeout(WAIT_MS),
      };
      ({ plan } = await identity.getTenant({}, context));
    } catch {
      // Identity's own metrics and readiness tell that it is away.
    }
    known.set(tenantId, { plan, at: now() });
    asking.delete(tenantId);
    return plan;
  }

  return (tenantId) => {
    const hit = known.get(tenantId);
    const age = hit ? now() - hit.at : Number.POSITIVE_INFINITY;
    if (hit && age < FRESH_MS) return hit.plan;
    let fetching = asking.get(tenantId);
    if (!fetching) {
      fetching = ask(tenantId);
      asking.set(tenantId, fetching);
    }
    return hit && age < STALE_MS ? hit.plan : fetching;
  };
}
