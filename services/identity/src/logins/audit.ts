import { type AuditInput, type AuditOrigin, buildAudit, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import type { ClientInfo } from '../sessions/store.ts';

/**
 * The origin of a caller who is not logged in yet, as the edge gives it in the body. The actor is
 * anonymous until the login resolves to a user.
 */
export function originOfGuest(origin: AuditOrigin, body: { edition: string } & ClientInfo): AuditOrigin {
  const { edition, ip = origin.ip, userAgent = origin.userAgent } = body;
  const actor = { kind: 'anonymous' as const, userId: null, apiKeyId: null, service: null };
  return { ...origin, tenantId: '', actor, edition, ip, userAgent };
}

/** The same once they have proved who they are. */
export function originOfUser(guest: AuditOrigin, tenantId: string, userId: string): AuditOrigin {
  return { ...guest, tenantId, actor: { kind: 'user', userId, apiKeyId: null, service: null } };
}

/**
 * Records a failed try in its own transaction, after the answer. Waiting for it would reveal by
 * time whether the user exists.
 */
export function auditFailure(deps: Pick<Deps, 'db' | 'background'>, origin: AuditOrigin, what: AuditInput) {
  deps.background.run('the audit of a failed try', async () => {
    const event = buildAudit(identityAudit, origin, { success: false, ...what });
    await withTenant(deps.db, origin.tenantId, (tx) => enqueue(tx, event));
  });
}
