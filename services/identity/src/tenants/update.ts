import {
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type identityApi,
  identityAudit,
  type RouteInput,
  type Tenant,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, requirePermission, ValidationFailed } from '@recado/service-kit';
import { isCountry } from '@recado/service-kit/phone';
import type { Deps } from '../deps.ts';
import { tenantUpdatedEvent } from './events.ts';
import { flatSettings, isTimeZone, mergeSettings } from './rules.ts';
import { lockTenant, patchTenant, type TenantRow, tenantView } from './store.ts';

type Input = RouteInput<typeof identityApi.updateTenant>['body'];

/**
 * Changes the caller's tenant (`tenant.update`).
 * @throws Forbidden; ValidationFailed for an unknown time zone or country, or large settings
 */
export async function updateTenant(deps: Deps, caller: Caller, origin: AuditOrigin, input: Input): Promise<Tenant> {
  requirePermission(caller, 'tenant.update', { services: false });
  const { timezone } = input;
  if (timezone !== undefined && !isTimeZone(timezone)) {
    throw new ValidationFailed([
      { field: 'timezone', message: 'Not a time zone of the IANA database', code: 'timezone' },
    ]);
  }
  if (input.country && !isCountry(input.country)) {
    throw new ValidationFailed([{ field: 'country', message: 'Not a country code of ISO 3166', code: 'country' }]);
  }
  const { tenantId } = caller;
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockTenant(tx, tenantId);
    const settings = input.settings ? merge(before.settings, input.settings) : before.settings;
    const wanted: TenantRow = {
      ...before,
      name: input.name ?? before.name,
      timezone: timezone ?? before.timezone,
      country: input.country === undefined ? before.country : input.country || null,
      language: input.language ?? before.language,
      settings,
    };
    // Compared as stored: jsonb orders keys in its own way.
    const after = await patchTenant(tx, wanted);
    const changes = changesBetween(audited(before), audited(after));
    if (!changes) return after;
    const what = { action: 'tenant.update', entityType: 'tenant', entityId: tenantId, changes };
    await enqueue(tx, [tenantUpdatedEvent(after, origin.traceparent), buildAudit(identityAudit, origin, what)]);
    return after;
  });
  return tenantView(row);
}

function merge(current: TenantRow['settings'], patch: TenantRow['settings']): TenantRow['settings'] {
  const merged = mergeSettings(current, patch);
  if ('problem' in merged) throw new ValidationFailed([{ field: 'settings', ...merged.problem }]);
  return merged.settings;
}

const audited = ({ name, timezone, country, language, settings }: TenantRow) => ({
  name,
  timezone,
  country,
  language,
  ...flatSettings(settings),
});
