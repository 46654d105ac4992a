import type { AuditOrigin } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { Unauthorized, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { auditFailure } from '../logins/audit.ts';

/**
 * Checks the password of a logged-in user. Wrong ones are counted apart from the log-in.
 * @param field reported when it is wrong.
 * @param action for the audit log.
 * @returns the hash it matches.
 * @throws ValidationFailed on the field, TooManyRequests after too many wrong ones
 */
export async function checkOwnPassword(
  deps: Deps,
  tenantId: string,
  userId: string,
  field: string,
  password: string,
  origin: AuditOrigin,
  action: string,
): Promise<string> {
  const [[user]] = await readTenant(deps.db, tenantId, (tx) => [
    tx<{ passwordHash: string }[]>`
      select password_hash as "passwordHash" from users
      where tenant_id = ${tenantId} and id = ${userId} and deleted_at is null`,
  ]);
  if (!user) throw new Unauthorized();
  const { passwordHash } = user;
  const right = await deps.logins.withinOwn(userId, async () => {
    const verified = await deps.passwords.verify(passwordHash, password);
    return { right: verified, value: verified };
  });
  if (right) return passwordHash;
  auditFailure(deps, origin, { action, entityType: 'user', entityId: userId, reason: 'validation_failed' });
  throw new ValidationFailed([{ field, message: 'Wrong password', code: 'wrong_password' }]);
}
