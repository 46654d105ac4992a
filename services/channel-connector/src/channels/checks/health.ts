import type { Channel } from '@recado/contracts';
import type { Deps } from '../../deps.ts';
import { findOwn, firstAnswer } from '../answer.ts';
import type { ChannelRow } from '../store.ts';
import { viewChannel } from '../views.ts';

/** A measurement counts for so long; callers in between share it. */
const FRESH_MS = 60_000;

/**
 * A channel with its health: measured now, unless a minute has not passed since the last time.
 * @throws NotFound
 */
export async function measureHealth(deps: Deps, tenantId: string, channelId: string): Promise<Channel> {
  const row = await findOwn(deps, tenantId, channelId);
  if (!isDue(row, deps.now())) return viewChannel(row);
  await firstAnswer(deps, row);
  return viewChannel(await findOwn(deps, tenantId, channelId));
}

/** A number out of work is not asked for, nor one that the provider stopped for a while. */
function isDue({ status, checkedAt, blockedUntil }: ChannelRow, now: Date): boolean {
  if (status === 'disconnected' || (blockedUntil && blockedUntil > now)) return false;
  return checkedAt === null || now.getTime() - checkedAt.getTime() >= FRESH_MS;
}
