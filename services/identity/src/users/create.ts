import {
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type identityApi,
  identityAudit,
  PLANS,
  type RouteInput,
  type User,
  uuidv7,
} from '@recado/contracts';
import { findAnswer, once, readTenant, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, NotFound, PlanLimit, requirePermission } from '@recado/service-kit';
import { countryOf } from '@recado/service-kit/phone';
import type { Deps } from '../deps.ts';
import { refuseCommonPassword } from '../passwords/common.ts';
import { requireWithin } from '../roles/require-within.ts';
import { rightsOf } from '../roles/rules.ts';
import { type RoleRow, selectRole } from '../roles/store.ts';
import { lockProvedTenant, selectTenant, type TenantRow } from '../tenants/store.ts';
import { auditedUser, userCreatedEvent } from './events.ts';
import { phoneOf } from './profile.ts';
import { countUsers, insertUser, userView } from './store.ts';

type Input = RouteInput<typeof identityApi.createUser>['body'];

/**
 * Adds a user to the tenant (`users.create`).
 * @throws ValidationFailed for a common password or a phone, NotFound `role`, PlanLimit `maxUsers`
 * @throws Forbidden for rights the caller lacks, Conflict `user` for a taken e-mail
 */
export async function createUser(deps: Deps, caller: Caller, origin: AuditOrigin, input: Input): Promise<User> {
  requirePermission(caller, 'users.create', { services: false });
  const { tenantId } = caller;
  const { password, customRoleId = null, ...rest } = input;
  refuseCommonPassword(password);
  // Before the limits: the first call may have reached them.
  const answered = await findAnswer<User>(deps.db, tenantId, origin.callKey);
  if (answered) return answered;
  // Asked once before the costly hash; the answers that count are those under the lock.
  const [[tenant], [users], [custom]] = await readTenant(deps.db, tenantId, (tx) => [
    selectTenant(tx, tenantId),
    countUsers(tx, tenantId),
    selectRole(tx, tenantId, customRoleId),
  ]);
  const phone = phoneOf(input.phone ?? null, tenant ? countryOf(tenant) : null);
  checkRole(caller, input, custom);
  if (tenant) checkLimit(tenant, users!.count);
  const passwordHash = await deps.passwords.hash(password);
  const work = async (tx: Tx): Promise<User> => {
    const locked = await lockProvedTenant(tx, tenantId);
    const [[counted], [role]] = await Promise.all([countUsers(tx, tenantId), selectRole(tx, tenantId, customRoleId)]);
    checkLimit(locked, counted!.count);
    checkRole(caller, input, role);
    const row = await insertUser(tx, tenantId, {
      ...rest,
      id: uuidv7(),
      role: role?.baseRole ?? input.role,
      customRoleId,
      phone,
      passwordHash,
    });
    if (!row) throw new Conflict('This e-mail is already in use', 'user');
    const changes = changesBetween(null, auditedUser(row));
    await enqueue(tx, [
      userCreatedEvent(row, origin.traceparent),
      buildAudit(identityAudit, origin, { action: 'user.create', entityType: 'user', entityId: row.id, changes }),
    ]);
    return userView(row);
  };
  const user = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  return user;
}

function checkRole(caller: Caller, { role, customRoleId }: Input, custom: RoleRow | undefined): void {
  if (customRoleId && !custom) throw new NotFound('role', customRoleId);
  requireWithin(caller, rightsOf({ role: custom?.baseRole ?? role, customRole: custom ?? null }));
}

function checkLimit(tenant: TenantRow, users: number): void {
  const { maxUsers } = PLANS[tenant.plan];
  if (maxUsers !== null && users >= maxUsers) throw new PlanLimit('maxUsers', `The plan allows ${maxUsers} users`);
}
