import { type AuditOrigin, buildAudit, changesBetween, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import { type Caller, NotFound, requirePermission } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { changePresence } from '../presence/store.ts';
import { announceEnded, endUserSessions } from '../sessions/end.ts';
import { lockTenant } from '../tenants/store.ts';
import { checkChange } from './check-change.ts';
import { auditedUser, userDeletedEvent } from './events.ts';
import { countOtherAdmins, lockUser, markUserDeleted } from './store.ts';

/**
 * Removes a user: sessions end, the e-mail is free again, the row stays for history.
 * @throws NotFound `user`, Conflict `last_admin`
 * @throws Forbidden for oneself, and for a user with more rights than the caller
 */
export async function deleteUser(deps: Deps, caller: Caller, origin: AuditOrigin, userId: string): Promise<void> {
  requirePermission(caller, 'users.delete', { services: false });
  const { tenantId } = caller;
  const ended = await withTenant(deps.db, tenantId, async (tx) => {
    await lockTenant(tx, tenantId);
    const user = await lockUser(tx, tenantId, userId);
    if (!user) throw new NotFound('user', userId);
    await checkChange(caller, user, null, { otherAdmins: () => countOtherAdmins(tx, tenantId, userId) });
    const events: OutgoingEvent[] = [];
    if (user.agentStatus !== 'offline') {
      const offline = { agentStatus: 'offline' as const, reason: null, changedBy: caller.userId };
      const presence = await changePresence(tx, user, offline, origin.traceparent);
      events.push(presence.event);
    }
    await markUserDeleted(tx, tenantId, userId);
    const sessions = await endUserSessions(tx, tenantId, userId, 'user_deleted', origin.traceparent);
    const changes = changesBetween(auditedUser(user), null);
    await enqueue(tx, [
      ...events,
      userDeletedEvent(user, origin.traceparent),
      buildAudit(identityAudit, origin, { action: 'user.delete', entityType: 'user', entityId: userId, changes }),
    ]);
    return sessions;
  });
  await announceEnded(deps, ended);
}
