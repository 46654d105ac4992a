import type { EventContract, EventData, timerCancelData, timerOrderData } from '@recado/contracts';
import type { Delivered } from '@recado/messaging';

type Ordered = EventData<EventContract<typeof timerOrderData>>;
type Cancelled = EventData<EventContract<typeof timerCancelData>>;

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

/** What an order says. */
export function orderWord(owner: string, { tenantId, id, data, envelope }: Delivered<Ordered>): TimerWord {
  const { key, fireAt, payload } = data;
  return { tenantId, owner, key, state: 'armed', fireAt, payload, eventTime: envelope.time, eventId: id };
}

/** What a cancellation says. */
export function cancelWord(owner: string, { tenantId, id, data, envelope }: Delivered<Cancelled>): TimerWord {
  const about = { tenantId, owner, key: data.key, eventTime: envelope.time, eventId: id };
  return { ...about, state: 'cancelled', fireAt: envelope.time, payload: {} };
}

/**
 * The newest event for each timer wins, so orders and cancellations commute. Sorted by tenant,
 * owner and key: parallel batches lock rows in one order.
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
