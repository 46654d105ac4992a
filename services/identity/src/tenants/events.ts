import { buildEvent, tenantCreated, tenantUpdated } from '@recado/contracts';
import { countryOf } from '@recado/service-kit/phone';
import type { TenantRow } from './store.ts';

/** The `tenant.updated` event of a tenant as it is now. */
export function tenantUpdatedEvent(row: TenantRow, traceparent?: string) {
  const { tenantId } = row;
  return buildEvent(tenantUpdated, { tenantId, subject: tenantId, traceparent, data: dataOf(row) });
}

/** The `tenant.created` event of a new tenant. */
export function tenantCreatedEvent(row: TenantRow, traceparent?: string) {
  const { tenantId } = row;
  return buildEvent(tenantCreated, { tenantId, subject: tenantId, traceparent, data: dataOf(row) });
}

function dataOf(row: TenantRow) {
  const { tenantId, slug, name, plan, status, timezone, language } = row;
  const unproved = row.unprovedUntil !== null;
  return { tenantId, slug, name, plan, status, timezone, country: countryOf(row), language, unproved };
}
