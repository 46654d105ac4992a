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
import type { Deps } from '../deps.ts';
import { announceEnded, endTenantSessions } from '../sessions/end.ts';
import { tenantUpdatedEvent } from './events.ts';
import { lockTenant, patchTenant, tenantView } from './store.ts';

type Input = RouteInput<typeof identityApi.setTenantStatus>['body'];

/**
 * Sets a tenant's plan or status for the operator. Suspension ends its sessions and refuses log-ins
 * until it is active again. No data is lost.
 * @throws NotFound
 */
export async function setTenantStatus(
  deps: Deps,
  origin: AuditOrigin,
  tenantId: string,
  input: Input,
): Promise<Tenant> {
  const { row, ended } = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockTenant(tx, tenantId);
    const after = { ...before, plan: input.plan ?? before.plan, status: input.status ?? before.status };
    const changes = changesBetween(
      { plan: before.plan, status: before.status },
      { plan: after.plan, status: after.status },
    );
    if (!changes) return { row: before, ended: [] };
    await patchTenant(tx, after);
    const suspended = changes.status && after.status === 'suspended';
    const sessions = suspended ? await endTenantSessions(tx, tenantId, 'tenant_suspended', origin.traceparent) : [];
    const what = { action: 'tenant.govern', entityType: 'tenant', entityId: tenantId, changes };
    // The operator's own token names no tenant; the entry belongs to the tenant that changes.
    const audit = buildAudit(identityAudit, { ...origin, tenantId }, what);
    await enqueue(tx, [tenantUpdatedEvent(after, origin.traceparent), audit]);
    return { row: after, ended: sessions };
  });
  await announceEnded(deps, ended);
  return tenantView(row);
}
