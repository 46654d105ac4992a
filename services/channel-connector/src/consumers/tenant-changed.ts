import { tenantCreated, tenantUpdated } from '@recado/contracts';
import { saveTenants } from '@recado/database';
import { type EventConsumer, startConsumer } from '@recado/messaging';
import type { Deps } from '../deps.ts';

/** `identity.tenant.created` and `.updated` → plan and time zone as last heard. */
export function consumeTenants({ bus, worker, log, registry }: Deps): EventConsumer[] {
  return [tenantCreated, tenantUpdated].map((event) =>
    startConsumer({
      bus,
      db: worker.sql,
      service: 'channel-connector',
      event,
      // The latest event wins, whatever comes first or twice.
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
