import {
  type AuditOrigin,
  buildAudit,
  type CustomRole,
  changesBetween,
  type identityApi,
  identityAudit,
  type RouteInput,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, requirePermission } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { announceEnded, endUserSessions } from '../sessions/end.ts';
import { lockTenant } from '../tenants/store.ts';
import { auditedRole } from './audited.ts';
import { knownPermissions } from './permissions.ts';
import { requireWithin } from './require-within.ts';
import { getRole, patchRole, roleView, selectHolders } from './store.ts';

type Input = RouteInput<typeof identityApi.updateRole>['body'];

/**
 * Changes a role (`roles.manage`). Tokens hold permissions, so other permissions end the sessions
 * of all holders.
 * @throws NotFound `role`, Forbidden when the role has, or would get, more than the caller
 */
export async function updateRole(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  roleId: string,
  input: Input,
): Promise<CustomRole> {
  requirePermission(caller, 'roles.manage', { services: false });
  const { tenantId } = caller;
  const { row, ended } = await withTenant(deps.db, tenantId, async (tx) => {
    await lockTenant(tx, tenantId);
    const before = await getRole(tx, tenantId, roleId);
    const present = knownPermissions(before.permissions);
    const permissions = input.permissions ? knownPermissions(input.permissions) : present;
    requireWithin(caller, { role: before.baseRole, permissions: present });
    requireWithin(caller, { role: before.baseRole, permissions });
    const next = { displayName: input.displayName ?? before.displayName, permissions };
    const after = await patchRole(tx, tenantId, roleId, next);
    const changes = changesBetween(auditedRole({ ...before, permissions: present }), auditedRole(after));
    if (!changes) return { row: after, ended: [] };
    const holders = changes.permissions ? await selectHolders(tx, tenantId, roleId) : [];
    const sessions = await endUserSessions(
      tx,
      tenantId,
      holders.map(({ id }) => id),
      'role_changed',
      origin.traceparent,
    );
    const what = { action: 'role.update', entityType: 'role', entityId: roleId, changes };
    await enqueue(tx, buildAudit(identityAudit, origin, what));
    return { row: after, ended: sessions };
  });
  await announceEnded(deps, ended);
  return roleView(row);
}
