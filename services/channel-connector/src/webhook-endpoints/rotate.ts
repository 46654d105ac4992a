import type { AuditOrigin, connectorApi, RouteOutput } from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { newSecret, sealSecret } from './secret.ts';
import { lockEndpoint, replaceSecret } from './store.ts';
import { endpointAudit, viewEndpoint } from './views.ts';

const HOUR_MS = 3600 * 1000;

/**
 * Gives an endpoint a new secret. The former one signs beside it for a while: receivers change in
 * their own time. @throws NotFound
 */
export async function rotateSecret(
  deps: Deps,
  origin: AuditOrigin,
  id: string,
  overlapHours: number,
): Promise<RouteOutput<typeof connectorApi.rotateWebhookSecret>> {
  const { tenantId } = origin;
  const secret = newSecret();
  const work = async (tx: Tx) => {
    const before = await lockEndpoint(tx, tenantId, id);
    const now = deps.now();
    const until = overlapHours > 0 ? new Date(now.getTime() + overlapHours * HOUR_MS) : null;
    const row = await replaceSecret(tx, before, sealSecret(deps.sealer, id, secret), until);
    const changes = { secret: { from: '***', to: '***' } };
    await enqueue(tx, endpointAudit('rotate', id, changes, origin, now));
    return { endpoint: viewEndpoint(row), secret };
  };
  return withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
}
