import { type AuditOrigin, changesBetween } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { deleteEndpoint, lockEndpoint, setChannelUrl } from './store.ts';
import { chosen, endpointAudit } from './views.ts';

/** Removes an endpoint with its secrets. Its deliveries are pruned. @throws NotFound */
export async function removeEndpoint(deps: Deps, origin: AuditOrigin, id: string): Promise<void> {
  const { tenantId } = origin;
  await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockEndpoint(tx, tenantId, id);
    await deleteEndpoint(tx, tenantId, id);
    if (before.channelId) await setChannelUrl(tx, tenantId, before.channelId, null);
    await enqueue(tx, endpointAudit('delete', id, changesBetween(chosen(before), null), origin, deps.now()));
  });
}
