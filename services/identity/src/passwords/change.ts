import { type AuditOrigin, buildAudit, type identityApi, identityAudit, type RouteInput } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { announceEnded, endUserSessions } from '../sessions/end.ts';
import { lockAccount } from '../two-factor/store.ts';
import { checkOwnPassword } from './check-own.ts';
import { refuseCommonPassword } from './common.ts';

type Input = RouteInput<typeof identityApi.changePassword>['body'];

/**
 * Changes a logged-in user's password and ends all their sessions, this one too. The second factor
 * stays.
 * @throws ValidationFailed on `currentPassword` or `newPassword`; TooManyRequests after wrong ones
 */
export async function changePassword(
  deps: Deps,
  tenantId: string,
  userId: string,
  input: Input,
  origin: AuditOrigin,
): Promise<void> {
  const action = 'user.change_password';
  refuseCommonPassword(input.newPassword, 'newPassword');
  const { currentPassword, newPassword } = input;
  const verified = await checkOwnPassword(deps, tenantId, userId, 'currentPassword', currentPassword, origin, action);
  const passwordHash = await deps.passwords.hash(newPassword);
  const ended = await withTenant(deps.db, tenantId, async (tx) => {
    const account = await lockAccount(tx, tenantId, userId);
    // Another session changed it first, which ended this one too.
    if (account?.passwordHash !== verified) throw new Unauthorized('The session has ended');
    await tx`
      update users set password_hash = ${passwordHash}, updated_at = now()
      where tenant_id = ${tenantId} and id = ${userId}`;
    await enqueue(tx, buildAudit(identityAudit, origin, { action, entityType: 'user', entityId: userId }));
    return endUserSessions(tx, tenantId, userId, 'password_changed', origin.traceparent);
  });
  await announceEnded(deps, ended);
}
