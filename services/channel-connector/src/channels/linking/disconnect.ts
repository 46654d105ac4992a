import { type AuditOrigin, type Channel, changesBetween } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../../deps.ts';
import { firstAnswer } from '../answer.ts';
import { forgetNumber } from '../directory.ts';
import { lockChannel, switchOff } from '../store.ts';
import { lifeAudit, statusEvent, viewChannel } from '../views.ts';
import { orderFor } from './link.ts';

/**
 * Takes a channel out of work: nothing is sent or received, until a user connects it again. A
 * linked phone is logged out. A second call changes nothing. @throws NotFound
 */
export async function disconnectChannel(deps: Deps, origin: AuditOrigin, channelId: string): Promise<Channel> {
  const { tenantId } = origin;
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockChannel(tx, tenantId, channelId);
    if (before.status === 'disconnected') return before;
    const after = await switchOff(tx, before, orderFor(deps, before, 'unlink'));
    const now = deps.now();
    const changes = changesBetween({ status: before.status }, { status: after.status });
    await enqueue(tx, [statusEvent(after, now), lifeAudit('disconnect', channelId, changes, origin, now)]);
    return after;
  });
  forgetNumber(deps.directory, row);
  await firstAnswer(deps, row, { ordered: true });
  return viewChannel(row);
}
