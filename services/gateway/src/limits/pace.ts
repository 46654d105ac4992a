import { createCache } from '@recado/service-kit';

/** Counts by key within the minute, in this process. */
export interface Pace {
  count(key: string): number;
  add(key: string, by: number): number;
}

/** The least recently seen are forgotten first. */
const MAX_KEYS = 20_000;

/** @param clock Unix milliseconds */
export function createPace(clock: () => number): Pace {
  const known = createCache<string, { minute: number; count: number }>({ max: MAX_KEYS });

  function of(key: string) {
    const minute = Math.floor(clock() / 60_000);
    let found = known.get(key);
    if (found?.minute !== minute) {
      found = { minute, count: 0 };
      known.set(key, found);
    }
    return found;
  }

  return {
    count: (key) => of(key).count,
    add(key, by) {
      const found = of(key);
      // What was counted in the minute before is not given back in this one.
      found.count = Math.max(0, found.count + by);
      return found.count;
    },
  };
}
