import { type AuditOrigin, type Channel, changesBetween } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { firstAnswer, getOwn } from './answer.ts';
import { forgetNumber } from './directory.ts';
import { claimAgain, lockChannel } from './store.ts';
import { lifeAudit, statusEvent } from './views.ts';

/**
 * Asks the provider once more whether the kept credentials prove the number. One that works goes on
 * meanwhile; another one is a claim of this moment. @throws NotFound
 */
export async function reconnectChannel(deps: Deps, origin: AuditOrigin, channelId: string): Promise<Channel> {
  const { tenantId } = origin;
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockChannel(tx, tenantId, channelId);
    const after = before.status === 'connected' ? before : await claimAgain(tx, before);
    const now = deps.now();
    const changes = changesBetween({ status: before.status }, { status: after.status });
    await enqueue(tx, [
      ...(changes ? [statusEvent(after, now)] : []),
      lifeAudit('reconnect', channelId, changes, origin, now),
    ]);
    return after;
  });
  forgetNumber(deps.directory, row);
  await firstAnswer(deps, row);
  return getOwn(deps, tenantId, channelId);
}
