import { tenantCreated, tenantUpdated } from '@recado/contracts';
import { saveTenants } from '@recado/database';
import type { EventConsumer } from '@recado/messaging';
import { consume } from './consume.ts';
import type { BaseDeps } from './define-service.ts';

/**
 * `identity.tenant.created` and `.updated` → the service's table of known tenants. The latest event wins, in any order.
 * The service's schema has `tenantsTable()`, and its durables stand in messaging's DURABLES.
 */
export function followTenants(deps: BaseDeps): EventConsumer[] {
  return [tenantCreated, tenantUpdated].map((event) =>
    consume(deps, {
      event,
      dedupe: 'handler',
      handle: (tx, events) =>
        saveTenants(
          tx,
          events.map(({ tenantId, data, envelope }) => ({
            tenantId,
            plan: data.plan,
            timezone: data.timezone,
            country: data.country ?? null,
            changedAt: envelope.time,
          })),
        ),
    }),
  );
}
