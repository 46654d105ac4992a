import { buildEvent, sessionRevoked } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { dropChallenges, lockUsers, revokeSession, revokeSessionsOf } from './store.ts';

/** Why a session ended, as its row keeps it. */
export type EndReason =
  | 'logout'
  | 'refresh_reused'
  | 'password_changed'
  | 'role_changed'
  | 'user_suspended'
  | 'user_deleted'
  | 'tenant_suspended'
  | 'tenant_expired';

/**
 * Ends a session with its event, once; a session that is over stays as it is.
 * @returns whether it lived until now
 */
export async function endSession(
  tx: Tx,
  tenantId: string,
  sessionId: string,
  reason: EndReason,
  traceparent?: string,
): Promise<boolean> {
  const userId = await revokeSession(tx, tenantId, sessionId, reason);
  if (!userId) return false;
  const data = { userId, sessionId };
  await enqueue(tx, buildEvent(sessionRevoked, { tenantId, subject: sessionId, traceparent, data }));
  return true;
}

/**
 * Ends all sessions and open challenges of users, with one event for each. Call it after the
 * change, in its transaction: log-ins take the user's row too, so none slips between.
 * @returns the ended sessions; after the commit they go to `announceEnded()`
 */
export function endUserSessions(
  tx: Tx,
  tenantId: string,
  users: string | readonly string[],
  reason: EndReason,
  traceparent?: string,
): Promise<string[]> {
  return endSessionsOf(tx, tenantId, typeof users === 'string' ? [users] : users, reason, traceparent);
}

/** The same for all users of the tenant. */
export function endTenantSessions(
  tx: Tx,
  tenantId: string,
  reason: EndReason,
  traceparent?: string,
): Promise<string[]> {
  return endSessionsOf(tx, tenantId, 'everyone', reason, traceparent);
}

/**
 * Notifies the edges of ended sessions after the commit: they refuse them from now on. Never
 * throws.
 */
export async function announceEnded(
  deps: Pick<Deps, 'revocations'>,
  sessionIds: string | readonly string[],
): Promise<void> {
  await deps.revocations.remember(sessionIds);
}

async function endSessionsOf(
  tx: Tx,
  tenantId: string,
  users: readonly string[] | 'everyone',
  reason: EndReason,
  traceparent?: string,
): Promise<string[]> {
  if (users.length === 0) return [];
  await lockUsers(tx, tenantId, users);
  const [ended] = await Promise.all([
    revokeSessionsOf(tx, tenantId, users, reason),
    dropChallenges(tx, tenantId, users),
  ]);
  const events = [...new Set(ended.map(({ userId }) => userId))].map((userId) =>
    buildEvent(sessionRevoked, { tenantId, subject: userId, traceparent, data: { userId, sessionId: null } }),
  );
  await enqueue(tx, events);
  return ended.map(({ id }) => id);
}
