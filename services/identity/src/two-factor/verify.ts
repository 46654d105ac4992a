import { type AuditOrigin, buildAudit, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { type Checked, openSecret, wrong } from './check.ts';
import { stepOf } from './codes.ts';
import { refuseCode } from './refusals.ts';
import { findFactor, lockAccount, switchOn } from './store.ts';

/**
 * Switches the second factor on, once a code shows that the authenticator has the secret. It does
 * not use the code up, because the next log-in may come in the same half minute.
 * @throws Conflict `two_factor` when it is on or was not begun
 * @throws ValidationFailed on `code`; TooManyRequests when locked
 */
export async function verifyTwoFactor(
  deps: Deps,
  tenantId: string,
  userId: string,
  code: string,
  origin: AuditOrigin,
): Promise<void> {
  const checked = await withTenant(deps.db, tenantId, async (tx): Promise<Checked> => {
    const account = await lockAccount(tx, tenantId, userId);
    if (!account) throw new Unauthorized();
    if (account.twoFactor) throw new Conflict('The second factor is on already', 'two_factor');
    const factor = await findFactor(tx, tenantId, userId);
    if (!factor) throw new Conflict('The second factor was not begun', 'two_factor');
    const audit = (reason?: string) =>
      enqueue(
        tx,
        buildAudit(identityAudit, origin, {
          action: 'two_factor.enable',
          entityType: 'user',
          entityId: userId,
          ...(reason ? { success: false, reason } : { changes: { twoFactor: { from: false, to: true } } }),
        }),
      );
    if (factor.lockedSeconds > 0) {
      await audit('too_many_requests');
      return { verdict: 'locked', seconds: factor.lockedSeconds };
    }
    const secret = openSecret(deps, userId, factor);
    if (secret === null || stepOf(secret, code) === null) {
      await audit('validation_failed');
      return wrong(tx, tenantId, userId);
    }
    await switchOn(tx, tenantId, userId);
    await audit();
    return { verdict: 'right' };
  });
  refuseCode(checked);
}
