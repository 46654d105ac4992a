import { tenantCreated, tenantUpdated } from '@recado/contracts';
import { saveTenants } from '@recado/database';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import type { BaseDeps } from './define-service.ts';

/**
 * `identity.tenant.created` and `.updated` → the service's table of known tenants. The latest event wins, in any order.
 * The service's schema has `tenantsTable()`, and its durables stand in messaging's DURABLES.
 */
export function followTenants({ service, bus, workerDb, log, registry }: BaseDeps): EventConsumer[] {
  return [tenantCreated, tenantUpdated].map((event) =>
    startConsumer({
      bus,
      db: workerDb.sql,
      service,
      event,
      dedupe: 'handler',
      log,
      registry,
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
