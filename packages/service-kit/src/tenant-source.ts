import { identityApi, type PlanName } from '@recado/contracts';
import { serviceCaller } from './caller.ts';
import { createClient } from './client.ts';
import type { InternalTokens } from './internal-tokens.ts';

export interface TenantSource {
  /** @throws NotFound of a tenant that is not; Unavailable when identity can't be asked */
  ask(tenantId: string): Promise<{ plan: PlanName; timezone: string; country: string | null; changedAt: string }>;
  close(): Promise<void>;
}

/** Asks identity for a tenant that no event has told of: for database's createTenantDirectory. */
export function createTenantSource(options: { baseUrl: string; tokens: InternalTokens }): TenantSource {
  const { getTenant } = identityApi;
  const identity = createClient({ getTenant }, { ...options, name: 'identity', connections: 2, timeoutMs: 3000 });
  return {
    async ask(tenantId) {
      const caller = serviceCaller(options.tokens.service, tenantId);
      const { plan, timezone, country, createdAt } = await identity.getTenant({}, { caller });
      // Dated as old as it can be: every event of the tenant that is still on its way wins over
      // this.
      return { plan, timezone, country: country ?? null, changedAt: createdAt };
    },
    close: () => identity.close(),
  };
}
