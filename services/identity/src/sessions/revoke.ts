import { type AuditOrigin, buildAudit, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { announceEnded, endSession } from './end.ts';

/**
 * Revokes the session of the caller's token and its refresh family. Doing it twice is fine.
 * @throws Unauthorized when the caller came without a session
 */
export async function logout(deps: Deps, caller: Caller, origin: AuditOrigin): Promise<void> {
  const { tenantId, sessionId } = caller;
  if (!sessionId) throw new Unauthorized('Only a session can be logged out');
  await withTenant(deps.db, tenantId, async (tx) => {
    if (!(await endSession(tx, tenantId, sessionId, 'logout', origin.traceparent))) return;
    const what = { action: 'session.revoke', entityType: 'session', entityId: sessionId };
    await enqueue(tx, buildAudit(identityAudit, origin, what));
  });
  await announceEnded(deps, sessionId);
}
