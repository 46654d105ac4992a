import { type AuditOrigin, buildAudit, identityAudit, type User } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, NotFound, Unprocessable } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockUser, type UserRow, userView } from '../users/store.ts';
import { changePresence } from './store.ts';

/**
 * Sets the presence of the caller, or with `users.update` of another user. Repeating it changes
 * nothing.
 * @throws NotFound `user`, Unprocessable for an inactive user who would not be offline
 */
export async function setAgentStatus(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  userId: string,
  { agentStatus, reason: given }: { agentStatus: UserRow['agentStatus']; reason?: string | null | undefined },
): Promise<User> {
  const reason = given || null;
  const { tenantId } = caller;
  const user = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockUser(tx, tenantId, userId);
    if (!before) throw new NotFound('user', userId);
    if (before.status !== 'active' && agentStatus !== 'offline') {
      throw new Unprocessable(undefined, 'A user who is not active stays offline');
    }
    if (before.agentStatus === agentStatus && before.agentStatusReason === reason) return before;
    const changed = await changePresence(
      tx,
      before,
      { agentStatus, reason, changedBy: caller.userId },
      origin.traceparent,
    );
    const changes = {
      agentStatus: { from: before.agentStatus, to: agentStatus },
      reason: { from: before.agentStatusReason, to: reason },
    };
    const what = { action: 'user.set_agent_status', entityType: 'user', entityId: userId, changes };
    await enqueue(tx, [changed.event, buildAudit(identityAudit, origin, what)]);
    return changed.user;
  });
  return userView(user);
}
