import { buildEvent, tenantUpdated } from '@recado/contracts';
import { countryOf } from '@recado/service-kit/phone';
import type { TenantRow } from './store.ts';

/** The `tenant.updated` event of a tenant as it is now. */
export function tenantUpdatedEvent(row: TenantRow, traceparent?: string) {
  const { tenantId, slug, name, plan, status, timezone, language } = row;
  const data = { tenantId, slug, name, plan, status, timezone, country: countryOf(row), language };
  return buildEvent(tenantUpdated, { tenantId, subject: tenantId, traceparent, data });
}
