import type { EventData, timerFired } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { CLOCKS } from '../routing/timer-keys.ts';
import { firedTimers } from '../timers/fired.ts';
import { lookAtClocks } from './look.ts';

/** Looks at the conversations whose clocks have come. */
export async function wakeClocks(
  tx: Tx,
  deps: Pick<Deps, 'tenants' | 'now'>,
  events: readonly Delivered<EventData<typeof timerFired>>[],
): Promise<void> {
  const timers = firedTimers(events, CLOCKS);
  const fired = new Map<string, Date>();
  for (const { id, fireAt } of timers) if (fireAt > (fired.get(id) ?? new Date(0))) fired.set(id, fireAt);
  // The scheduler's clock may be a little ahead of ours: it is that late by now.
  const now = new Date(Math.max(deps.now().getTime(), ...timers.map(({ fireAt }) => fireAt.getTime())));
  await lookAtClocks(tx, deps, timers, now, fired);
}
