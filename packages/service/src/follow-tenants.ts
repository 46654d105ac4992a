import { type EventData, tenantCreated, tenantUpdated } from '@recado/contracts';
import { type KnownTenant, saveTenants, type Tx } from '@recado/database';
import type { Delivered, EventConsumer } from '@recado/messaging';
import { consume } from './consume.ts';
import type { BaseDeps } from './define-service.ts';

type TenantEvent = Delivered<EventData<typeof tenantCreated>>;

/**
 * `identity.tenant.created` and `.updated` → the service's table of known tenants. The latest event
 * wins, in any order. The durables stand in messaging's DURABLES.
 * @param save for a service whose table is not `tenantsTable()`
 */
export function followTenants(
  deps: BaseDeps,
  save: (tx: Tx, tenants: readonly KnownTenant[]) => Promise<void> = saveTenants,
): EventConsumer[] {
  return [tenantCreated, tenantUpdated].map((event) =>
    consume(deps, { event, dedupe: 'handler', handle: (tx, events) => save(tx, events.map(toKnownTenant)) }),
  );
}

/** What an event says of its tenant. */
export function toKnownTenant({ tenantId, data, envelope }: TenantEvent): KnownTenant {
  return {
    tenantId,
    plan: data.plan,
    timezone: data.timezone,
    country: data.country ?? null,
    changedAt: envelope.time,
  };
}
