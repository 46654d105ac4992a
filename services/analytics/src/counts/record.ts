import type { Tx } from '@recado/messaging';
import { type Count, hourOf, minuteOf, sumUp } from './rules.ts';
import { addDaily, addHourly, addMinutes } from './store.ts';

/** Adds a batch of counts to the rollups: three statements, however many counts. */
export async function recordCounts(tx: Tx, counts: readonly Count[], fallbackZone: string): Promise<void> {
  if (counts.length === 0) return;
  const messages = counts
    .filter((c) => c.metric === 'received' || c.metric === 'sent')
    .map((c) => ({ ...c, metric: 'received' as const }));
  await Promise.all([
    addHourly(
      tx,
      sumUp(counts, (c) => hourOf(c.at)),
    ),
    addDaily(
      tx,
      sumUp(counts, (c) => minuteOf(c.at)),
      fallbackZone,
    ),
    addMinutes(
      tx,
      sumUp(messages, (c) => minuteOf(c.at)),
    ),
  ]);
}
