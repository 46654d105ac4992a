import { type AuditOrigin, buildAudit, changesBetween, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, requirePermission } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockTenant } from '../tenants/store.ts';
import { auditedRole } from './audited.ts';
import { deleteRoleRow, getRole } from './store.ts';

/**
 * Removes an unused role (`roles.manage`).
 * @throws NotFound `role`, Conflict `role` while a user holds it
 */
export async function deleteRole(deps: Deps, caller: Caller, origin: AuditOrigin, roleId: string): Promise<void> {
  requirePermission(caller, 'roles.manage', { services: false });
  const { tenantId } = caller;
  await withTenant(deps.db, tenantId, async (tx) => {
    // Roles are given under the same lock, so no user gets this one during the check.
    await lockTenant(tx, tenantId);
    const role = await getRole(tx, tenantId, roleId);
    if (role.userCount > 0) throw new Conflict('Somebody holds this role', 'role');
    await deleteRoleRow(tx, tenantId, roleId);
    const changes = changesBetween(auditedRole(role), null);
    const what = { action: 'role.delete', entityType: 'role', entityId: roleId, changes };
    await enqueue(tx, buildAudit(identityAudit, origin, what));
  });
}
