import { createBoundedMap } from '../bounded-map.ts';

export interface Limits {
  /**
   * Counts one message of a number in this second; false when that is one too many. 0 is without
   * limit.
   */
  take(phoneNumberId: string, perSecond: number): boolean;
  /** A customer wrote: the 24-hour window opens. */
  heardFrom(phoneNumberId: string, customer: string): void;
  windowOpen(phoneNumberId: string, customer: string): boolean;
  /** How often this was asked for the same key, this time included. */
  times(key: string): number;
  clear(): void;
}

const WINDOW_MS = 24 * 3600 * 1000;

export function createLimits(): Limits {
  const seconds = new Map<string, { second: number; used: number }>();
  const heard = createBoundedMap<number>(200_000);
  const counts = createBoundedMap<number>(10_000);
  /** Groups have ids with letters. */
  const key = (phoneNumberId: string, customer: string) =>
    `${phoneNumberId}/${/[a-z]/i.test(customer) ? customer : customer.replace(/\D/g, '')}`;
  return {
    take(phoneNumberId, perSecond) {
      if (perSecond === 0) return true;
      const second = Math.floor(Date.now() / 1000);
      const entry = seconds.get(phoneNumberId);
      const used = entry?.second === second ? entry.used : 0;
      seconds.set(phoneNumberId, { second, used: used + 1 });
      return used < perSecond;
    },
    heardFrom: (phoneNumberId, customer) => heard.set(key(phoneNumberId, customer), Date.now()),
    windowOpen: (phoneNumberId, customer) => Date.now() - (heard.get(key(phoneNumberId, customer)) ?? 0) < WINDOW_MS,
    times(name) {
      const next = (counts.get(name) ?? 0) + 1;
      counts.set(name, next);
      return next;
    },
    clear() {
      seconds.clear();
      heard.clear();
      counts.clear();
    },
  };
}
