import { buildEvent, sessionRevoked } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { revokeSession } from './store.ts';

/** Ends a session with its event, once; a session that is over stays as it is. */
export async function endSession(
  tx: Tx,
  tenantId: string,
  sessionId: string,
  reason: string,
  traceparent?: string,
): Promise<void> {
  const userId = await revokeSession(tx, tenantId, sessionId, reason);
  if (!userId) return;
  const data = { userId, sessionId };
  await enqueue(tx, buildEvent(sessionRevoked, { tenantId, subject: sessionId, traceparent, data }));
}

/**
 * Revokes the session of the caller's token and its refresh family. Doing it twice is fine.
 * @throws Unauthorized when the caller came without a session
 */
export async function logout(deps: Deps, caller: Caller, traceparent?: string): Promise<void> {
  const { tenantId, sessionId } = caller;
  if (!sessionId) throw new Unauthorized('Only a session can be logged out');
  await withTenant(deps.db, tenantId, (tx) => endSession(tx, tenantId, sessionId, 'logout', traceparent));
  deps.kickRelay();
  await deps.revocations.remember(sessionId);
}
