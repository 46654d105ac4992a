import {
  buildEvent,
  type identityApi,
  PLANS,
  type RouteInput,
  type User,
  userCreated,
  uuidv7,
} from '@recado/contracts';
import { readTenant, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, PlanLimit } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { refuseCommonPassword } from '../passwords/common.ts';
import { lockTenant, selectTenant, type TenantRow } from '../tenants/store.ts';
import { countUsers, insertUser, type UserRow, userView } from './store.ts';

type Input = RouteInput<typeof identityApi.createUser>['body'];

/**
 * Adds a user to the tenant.
 * @throws ValidationFailed for a common password, PlanLimit `maxUsers`, Conflict `user` when the e-mail is taken
 */
export async function createUser(deps: Deps, tenantId: string, input: Input, traceparent?: string): Promise<User> {
  refuseCommonPassword(input.password);
  // Asked once before the costly hash; the answer that counts is the one under the lock.
  const [[tenant], [users]] = await readTenant(deps.db, tenantId, (tx) => [
    selectTenant(tx, tenantId),
    countUsers(tx, tenantId),
  ]);
  if (tenant) checkLimit(tenant, users!.count);
  const { password, phone = null, ...rest } = input;
  const passwordHash = await deps.passwords.hash(password);
  const user = await withTenant(deps.db, tenantId, async (tx) => {
    const locked = await lockTenant(tx, tenantId);
    const [counted] = await countUsers(tx, tenantId);
    checkLimit(locked, counted!.count);
    const row = await insertUser(tx, tenantId, { id: uuidv7(), ...rest, phone, passwordHash });
    if (!row) throw new Conflict('This e-mail is already in use', 'user');
    await enqueue(tx, userCreatedEvent(row, traceparent));
    return row;
  });
  deps.kickRelay();
  return userView(user);
}

/** The `user.created` event of a user. */
export function userCreatedEvent(row: UserRow, traceparent?: string) {
  const { tenantId, id: userId, email, firstName, lastName, role, status } = row;
  const data = { userId, email, firstName, lastName, role, status };
  return buildEvent(userCreated, { tenantId, subject: userId, traceparent, data });
}

function checkLimit(tenant: TenantRow, users: number): void {
  const { maxUsers } = PLANS[tenant.plan];
  if (maxUsers !== null && users >= maxUsers) throw new PlanLimit('maxUsers', `The plan allows ${maxUsers} users`);
}
