import {
  type AuditOrigin,
  buildAudit,
  type CustomRole,
  changesBetween,
  type identityApi,
  identityAudit,
  ROLES,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, requirePermission } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockTenant } from '../tenants/store.ts';
import { auditedRole } from './audited.ts';
import { knownPermissions } from './permissions.ts';
import { requireWithin } from './require-within.ts';
import { countRoles, insertRole, roleView } from './store.ts';

type Input = RouteInput<typeof identityApi.createRole>['body'];

/** Roles of one tenant: they are listed whole. */
export const MAX_ROLES = 50;

/**
 * Makes a role of the tenant (`roles.manage`).
 * @throws Forbidden for permissions or a base role beyond the caller's
 * @throws Conflict `role` for a taken or built-in name, or with 50 roles
 */
export async function createRole(deps: Deps, caller: Caller, origin: AuditOrigin, input: Input): Promise<CustomRole> {
  requirePermission(caller, 'roles.manage', { services: false });
  const { tenantId } = caller;
  const permissions = knownPermissions(input.permissions);
  requireWithin(caller, { role: input.baseRole, permissions });
  if ((ROLES as readonly string[]).includes(input.name))
    throw new Conflict('This is the name of a built-in role', 'role');
  const work = async (tx: Tx): Promise<CustomRole> => {
    await lockTenant(tx, tenantId);
    const [counted] = await countRoles(tx, tenantId);
    if (counted!.count >= MAX_ROLES) throw new Conflict(`A tenant has ${MAX_ROLES} roles at most`, 'role');
    const inserted = await insertRole(tx, tenantId, { ...input, permissions, id: uuidv7() });
    if (!inserted) throw new Conflict('There is a role of this name', 'role');
    const changes = changesBetween(null, auditedRole(inserted));
    const what = { action: 'role.create', entityType: 'role', entityId: inserted.id, changes };
    await enqueue(tx, buildAudit(identityAudit, origin, what));
    return roleView(inserted);
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  return made;
}
