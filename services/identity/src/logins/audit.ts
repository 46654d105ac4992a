import { type AuditInput, type AuditOrigin, buildAudit, identityAudit } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import type { ClientInfo } from '../sessions/store.ts';

/**
 * Where somebody comes from who is not logged in yet: the edge says it in the body, since the request is made in nobody's name.
 * Nobody is who acts until it is known whose tenant and name it is.
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
 * Writes down a try that failed and changed nothing else, in a transaction of its own. Nobody waits
 * for it: a known user's wrong password would be told from an unknown user's by the time it takes.
 */
export function auditFailure(deps: Pick<Deps, 'db' | 'background'>, origin: AuditOrigin, what: AuditInput) {
  deps.background.run('the audit of a failed try', async () => {
    const event = buildAudit(identityAudit, origin, { success: false, ...what });
    await withTenant(deps.db, origin.tenantId, (tx) => enqueue(tx, event));
  });
}
