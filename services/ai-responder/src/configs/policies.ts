import type { Tx } from '@recado/database';
import type { Bus } from '@recado/messaging';
import { createCache } from '@recado/service-kit';
import { listPolicies, type Policy } from './store.ts';

export interface Policies {
  /**
   * The policies of those of the tenants whose AI is on. At most one query, and none for tenants
   * asked about a moment ago.
   */
  load(tx: Tx, tenantIds: Iterable<string>): Promise<Map<string, Policy>>;
  /**
   * Whether the tenant was known without AI a moment ago; false when it is not known. As fresh as
   * what `load` gives.
   */
  isOff(tenantId: string): boolean;
  /** Call after a commit that changed a tenant's configuration: every copy forgets what it knew. */
  changed(tenantId: string): void;
  stop(): void;
}

// Copies tell each other of changes at once; this bounds what a lost word costs.
const TTL_MS = 1000;
const MAX_TENANTS = 20_000;
// Core NATS, outside the streams' subjects: a word for those who listen now.
const SUBJECT = 'recado.cache.ai-responder.configs';

/** Remembers for a second which tenants have the AI on and when it answers. */
export function createPolicies(bus: Bus): Policies {
  const known = createCache<string, { policy: Policy | null }>({ max: MAX_TENANTS, ttl: TTL_MS });
  let changes = 0;

  function forget(tenantId: string): void {
    changes++;
    known.delete(tenantId);
  }
  const words = bus.nc.subscribe(SUBJECT, { callback: (_error, message) => forget(message.string()) });

  return {
    async load(tx, tenantIds) {
      const found = new Map<string, Policy>();
      const unknown = new Set<string>();
      for (const tenantId of tenantIds) {
        const entry = known.get(tenantId);
        if (!entry) unknown.add(tenantId);
        else if (entry.policy) found.set(tenantId, entry.policy);
      }
      if (unknown.size === 0) return found;
      const before = changes;
      for (const policy of await listPolicies(tx, [...unknown])) found.set(policy.tenantId, policy);
      // Something changed while we read: what we read may be what was.
      if (changes === before) {
        for (const tenantId of unknown) known.set(tenantId, { policy: found.get(tenantId) ?? null });
      }
      return found;
    },
    isOff: (tenantId) => known.get(tenantId)?.policy === null,
    changed(tenantId) {
      forget(tenantId);
      if (!bus.nc.isClosed()) bus.nc.publish(SUBJECT, tenantId);
    },
    stop() {
      if (!bus.nc.isClosed()) words.unsubscribe();
    },
  };
}
