import { type AuditOrigin, buildAudit, buildEvent, identityAudit, sessionRevoked } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { NotFound } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { announceEnded } from '../sessions/end.ts';
import { markRevoked, selectApiKey } from './store.ts';

/**
 * Ends a key: edges refuse it at once, and its sockets close. Doing it twice is fine.
 * @throws NotFound
 */
export async function revokeApiKey(deps: Deps, tenantId: string, id: string, origin: AuditOrigin): Promise<void> {
  await withTenant(deps.db, tenantId, async (tx) => {
    const revoked = await markRevoked(tx, tenantId, id);
    if (!revoked) {
      const [known] = await selectApiKey(tx, tenantId, id);
      if (!known) throw new NotFound('api_key', id);
      return;
    }
    // To edges a key is a session of its own; a key has no user but the one who made it.
    const data = { userId: revoked.createdBy ?? id, sessionId: id };
    const what = { action: 'api_key.revoke', entityType: 'api_key', entityId: id };
    await enqueue(tx, [
      buildEvent(sessionRevoked, { tenantId, subject: id, traceparent: origin.traceparent, data }),
      buildAudit(identityAudit, origin, what),
    ]);
  });
  await announceEnded(deps, id);
}
