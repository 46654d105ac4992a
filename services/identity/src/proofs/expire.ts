import { type AuditOrigin, buildAudit, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { announceEnded, endTenantSessions } from '../sessions/end.ts';
import { listExpired } from './store.ts';

/** In one round of housekeeping. */
const BATCH = 500;

/**
 * Removes tenants that did not prove their e-mail in time, with everything of theirs. They could
 * only read: other services hold nothing of them.
 */
export async function removeExpired(deps: Pick<Deps, 'db' | 'workerDb' | 'revocations'>): Promise<number> {
  const expired = await listExpired(deps.workerDb, BATCH);
  for (const tenantId of expired) {
    const ended = await withTenant(deps.db, tenantId, async (tx) => {
      // Proved a moment ago: it stays.
      const [still] = await tx`
        select 1 from tenants where tenant_id = ${tenantId} and unproved_until <= now() for update`;
      if (!still) return [];
      const sessions = await endTenantSessions(tx, tenantId, 'tenant_expired');
      const what = { action: 'tenant.expire', entityType: 'tenant', entityId: tenantId };
      await enqueue(tx, buildAudit(identityAudit, ownOrigin(tenantId), what));
      await tx`delete from tenants where tenant_id = ${tenantId}`;
      return sessions;
    });
    await announceEnded(deps, ended);
  }
  return expired.length;
}

const ownOrigin = (tenantId: string): AuditOrigin => ({
  tenantId,
  actor: { kind: 'service', userId: null, apiKeyId: null, service: 'identity' },
  ip: null,
  userAgent: null,
  edition: null,
  requestId: null,
});
