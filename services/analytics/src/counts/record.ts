import type { Tx } from '@recado/messaging';
import { type Count, hourOf, minuteOf, sumUp } from './rules.ts';
import { addDaily, addHourly, addMinutes } from './store.ts';

/** Adds a batch of counts to the rollups: three statements, however many counts. */
export async function recordCounts(tx: Tx, counts: readonly Count[], fallbackZone: string): Promise<void> {
  if (counts.length === 0) return;
  // By the minute first: a batch has thousands of counts of few minutes, and hours and days are
  // made of these.
  const minutes = sumUp(counts, (c) => minuteOf(c.at));
  const parts = minutes.map((sum): Count => ({ ...sum, at: sum.slot }));
  const messages = parts
    .filter((c) => c.metric === 'received' || c.metric === 'sent')
    .map((c) => ({ ...c, metric: 'received' as const }));
  await Promise.all([
    addHourly(
      tx,
      sumUp(parts, (c) => hourOf(c.at)),
    ),
    addDaily(tx, minutes, fallbackZone),
    addMinutes(
      tx,
      sumUp(messages, (c) => c.at),
    ),
  ]);
}
