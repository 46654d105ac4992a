import { tenantOf } from '../decode.ts';
import type { Entry } from '../delivery.ts';

/**
 * Splits a failed batch in two: by tenants, those with the fewest messages first, so that failing
 * events delay only their tenant. A single tenant is split in halves, in order.
 */
export function splitBatch<E extends Pick<Entry, 'held'>>(entries: readonly E[]): [E[], E[]] {
  const byTenant = new Map<string | null, E[]>();
  for (const entry of entries) {
    const tenantId = tenantOf(entry.held.message.subject);
    const own = byTenant.get(tenantId);
    if (own) own.push(entry);
    else byTenant.set(tenantId, [entry]);
  }
  const groups = [...byTenant.values()].sort((a, b) => a.length - b.length);
  if (groups.length === 1) groups.splice(0, 1, ...entries.map((entry) => [entry]));
  const middle = groups.length >> 1;
  return [groups.slice(0, middle).flat(), groups.slice(middle).flat()];
}
