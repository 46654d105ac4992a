import { type AuditOrigin, buildAudit, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { checkOwnPassword } from '../passwords/check-own.ts';
import { type Checked, checkCode } from './check.ts';
import { reasonOf, refuseCode } from './refusals.ts';
import { lockAccount, switchOff } from './store.ts';

/**
 * Switches the second factor off, with the password and a code.
 * @throws Conflict `two_factor` when it is off
 * @throws ValidationFailed on `password` or `code`; TooManyRequests after too many wrong ones
 */
export async function disableTwoFactor(
  deps: Deps,
  tenantId: string,
  userId: string,
  given: { password: string; code: string },
  origin: AuditOrigin,
): Promise<void> {
  const action = 'two_factor.disable';
  const passwordHash = await checkOwnPassword(deps, tenantId, userId, 'password', given.password, origin, action);
  const checked = await withTenant(deps.db, tenantId, async (tx): Promise<Checked> => {
    const account = await lockAccount(tx, tenantId, userId);
    // Changed since it was looked at: the session is over, and so is this.
    if (account?.passwordHash !== passwordHash) throw new Unauthorized();
    if (!account.twoFactor) throw new Conflict('The second factor is off already', 'two_factor');
    const result = await checkCode(deps, tx, tenantId, userId, given.code);
    const reason = reasonOf(result, 'validation_failed');
    if (reason === null) await switchOff(tx, tenantId, userId);
    const what = { action, entityType: 'user', entityId: userId };
    const changes = { twoFactor: { from: true, to: false } };
    await enqueue(
      tx,
      buildAudit(identityAudit, origin, { ...what, ...(reason ? { success: false, reason } : { changes }) }),
    );
    return result;
  });
  refuseCode(checked);
}
