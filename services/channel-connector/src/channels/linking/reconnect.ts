import { type AuditOrigin, type Channel, changesBetween } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../../deps.ts';
import { firstAnswer, getOwn } from '../answer.ts';
import { forgetNumber } from '../directory.ts';
import { claimAgain, lockChannel } from '../store.ts';
import { lifeAudit, statusEvent } from '../views.ts';

/**
 * Asks the provider once more whether the kept credentials prove the number, or begins to link its
 * phone. One that works goes on until then; another one is a claim of this moment. @throws NotFound
 */
export async function reconnectChannel(
  deps: Deps,
  origin: AuditOrigin,
  channelId: string,
  { code }: { code: 'qr' | 'pairing' },
): Promise<Channel> {
  const { tenantId } = origin;
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockChannel(tx, tenantId, channelId);
    const { phone, provider, status } = before;
    const pairing = code === 'pairing';
    if (pairing && phone === null)
      throw new ValidationFailed([{ field: 'phone', code: 'required', message: NO_PHONE }]);
    const link = deps.providers.get(provider)?.linking ? { pairWith: pairing ? phone : null } : null;
    const after = status === 'connected' ? before : await claimAgain(tx, before, link);
    const now = deps.now();
    const changes = changesBetween({ status: before.status }, { status: after.status });
    await enqueue(tx, [
      ...(changes ? [statusEvent(after, now)] : []),
      lifeAudit('reconnect', channelId, changes, origin, now),
    ]);
    return after;
  });
  forgetNumber(deps.directory, row);
  await firstAnswer(deps, row, { ordered: true });
  return getOwn(deps, tenantId, channelId, { mayLink: true });
}

const NO_PHONE = 'A code to type takes the phone of the number';
