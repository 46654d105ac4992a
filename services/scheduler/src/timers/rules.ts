/** What an order or a cancellation says about a timer, and when it was said. */
export interface TimerWord {
  tenantId: string;
  owner: string;
  key: string;
  state: 'armed' | 'cancelled';
  /** ISO; of a cancellation, when it was said. */
  fireAt: string;
  payload: Record<string, unknown>;
  /** The event's time, ISO with milliseconds. */
  eventTime: string;
  /** The event's id (UUIDv7): breaks ties within a millisecond. */
  eventId: string;
}

/**
 * The last word on each timer, sorted by tenant, owner and key so that batches applied at the same time lock rows in
 * one order. The word with the latest event time wins, whichever arrived first: so orders and cancellations commute.
 */
export function lastWords(words: readonly TimerWord[]): TimerWord[] {
  const latest = new Map<string, TimerWord>();
  for (const word of words) {
    const name = `${word.tenantId}\n${word.owner}\n${word.key}`;
    const known = latest.get(name);
    if (!known || isNewer(word, known)) latest.set(name, word);
  }
  return [...latest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, word]) => word);
}

/** Whether `a` was said after `b`. */
export function isNewer(
  a: Pick<TimerWord, 'eventTime' | 'eventId'>,
  b: Pick<TimerWord, 'eventTime' | 'eventId'>,
): boolean {
  const difference = Date.parse(a.eventTime) - Date.parse(b.eventTime);
  return difference === 0 ? a.eventId > b.eventId : difference > 0;
}
