import type { EventData, timerFired } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { firedTimers } from '../timers/fired.ts';
import { enterChats, routeChats } from './handle.ts';
import { findSilent } from './store.ts';
import { AI_SILENT, OPENS } from './timer-keys.ts';

/** Routes what timers wake. */
export async function wakeRouting(
  tx: Tx,
  deps: Pick<Deps, 'tenants' | 'now'>,
  events: readonly Delivered<EventData<typeof timerFired>>[],
): Promise<void> {
  const opened = firedTimers(events, OPENS);
  const silent = firedTimers(events, AI_SILENT);
  if (opened.length + silent.length === 0) return;
  // The scheduler's clock may be a little ahead of ours: it is that late by now.
  const now = new Date(Math.max(deps.now().getTime(), ...opened.map(({ fireAt }) => fireAt.getTime())));
  const tenantIds = opened.map(({ tenantId }) => tenantId);
  await enterChats(tx, deps, now, await findSilent(tx, silent), { takeOver: true });
  await routeChats(tx, deps, now, tenantIds);
}
