import { type AuditOrigin, changesBetween } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { followChannelUrl } from '../webhook-endpoints/of-channel.ts';
import { firstAnswer } from './answer.ts';
import { forgetNumber } from './directory.ts';
import { orderFor } from './linking/link.ts';
import { lockChannel, markRemoved } from './store.ts';
import { chosen, lifeAudit, removedEvent, statusEvent } from './views.ts';

/**
 * Removes a channel. Its conversations stay, and show its name and phone. Its secrets are deleted,
 * and another channel may prove its number. @throws NotFound
 */
export async function removeChannel(deps: Deps, origin: AuditOrigin, channelId: string): Promise<void> {
  const { tenantId } = origin;
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockChannel(tx, tenantId, channelId);
    const after = await markRemoved(tx, before, orderFor(deps, before, 'remove'));
    await followChannelUrl(tx, deps, after, []);
    const now = deps.now();
    await enqueue(tx, [
      ...(before.status === 'disconnected' ? [] : [statusEvent(after, now)]),
      removedEvent(after, origin, now),
      lifeAudit('delete', channelId, changesBetween(chosen(before), null), origin, now),
    ]);
    return before;
  });
  forgetNumber(deps.directory, row);
  await firstAnswer(deps, row, { ordered: true });
}
