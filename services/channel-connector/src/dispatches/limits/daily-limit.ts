import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { DateTime, IANAZone } from 'luxon';
import type { Deps } from '../../deps.ts';
import { dispatchStatusEvent } from '../events.ts';
import { addToDay, failQueued, lockDay, type NewDispatch } from '../store.ts';

/** The calendar day of `now` in the tenant's zone. An unknown zone counts as UTC. */
export function dayOf(now: Date, timezone: string): string {
  const zone = IANAZone.isValidZone(timezone) ? timezone : 'utc';
  return DateTime.fromJSDate(now, { zone }).toFormat('yyyy-MM-dd');
}

/**
 * Counts new messages on the day they come, and fails those beyond the channel's daily limit at
 * once: tomorrow they would be unexpected.
 * @param rows messages just inserted
 * @returns the messages that failed
 * @throws TenantUnknown when a limited channel's tenant is unknown: its zone decides the day
 */
export async function keepDailyLimits(
  tx: Tx,
  deps: Pick<Deps, 'directory' | 'tenants' | 'now'>,
  rows: readonly NewDispatch[],
): Promise<Set<string>> {
  const failed = new Set<string>();
  // In the order of channels, as everything that locks several days must.
  for (const channelId of [...new Set(rows.map((row) => row.channelId))].sort()) {
    const channel = await deps.directory.find(`id:${channelId}`);
    const own = rows.filter((row) => row.channelId === channelId && row.tenantId === channel?.tenantId);
    const limit = channel?.dailyMessageLimit ?? null;
    if (limit !== null && own.length > 0) for (const one of await keepLimit(tx, deps, own, limit)) failed.add(one);
  }
  return failed;
}

async function keepLimit(
  tx: Tx,
  { tenants, now }: Pick<Deps, 'tenants' | 'now'>,
  rows: readonly NewDispatch[],
  limit: number,
): Promise<string[]> {
  const inOrder = rows.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const first = inOrder[0]!;
  const { timezone } = (await tenants.get(tx, [first.tenantId])).get(first.tenantId)!;
  const at = now();
  const day = dayOf(at, timezone);
  const granted = Math.max(0, Math.min(rows.length, limit - (await lockDay(tx, first, day))));
  if (granted > 0) await addToDay(tx, first, day, granted);
  const beyond = inOrder.slice(granted);
  if (beyond.length === 0) return [];
  const error = { code: 'daily_limit', message: `The number's limit of ${limit} messages a day is reached` };
  await failQueued(tx, beyond, error);
  await enqueue(
    tx,
    beyond.map((row) => dispatchStatusEvent(row, 'failed', null, error, at)),
  );
  return beyond.map(({ messageId }) => messageId);
}

const orderOf = (row: NewDispatch): string => `${row.requestedAt} ${row.messageId}`;
