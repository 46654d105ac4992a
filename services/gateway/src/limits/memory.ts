import { createCache } from '@recado/service-kit';
import { createPace } from './pace.ts';
import { spansAt } from './windows.ts';

export interface Question {
  tenantId: string;
  /** Limits of the windows, shortest first. */
  limits: readonly number[];
  /** A person's own pace beside them. */
  pace: { key: string; limit: number } | null;
  /** False: only look. */
  charge: boolean;
}

export interface Answer {
  allowed: boolean;
  /** Unix seconds. */
  now: number;
  counts: number[];
  monthEnd: number;
  paceCount: number;
}

/**
 * Counting in this process alone: the same windows and rules as the script's, for while Redis is
 * away.
 */
export interface MemoryCounts {
  check(question: Question): Answer;
  /** How many of `key` there were this minute, this one included. */
  count(key: string): number;
}

/** The least recently seen are forgotten first. */
const MAX_TENANTS = 20_000;

export function createMemoryCounts(clock: () => number = Date.now): MemoryCounts {
  const tenants = createCache<string, { starts: number[]; counts: number[] }>({ max: MAX_TENANTS });
  const paces = createPace(clock);

  return {
    check({ tenantId, limits, pace, charge }) {
      const now = Math.floor(clock() / 1000);
      const spans = spansAt(now);
      const known = tenants.get(tenantId);
      const counts = spans.map(({ start }, i) => (known?.starts[i] === start ? known.counts[i]! : 0));
      const allowed = counts.every((count, i) => count < limits[i]!) && (!pace || paces.count(pace.key) < pace.limit);
      if (charge && allowed) {
        for (const i of counts.keys()) counts[i]!++;
        tenants.set(tenantId, { starts: spans.map(({ start }) => start), counts });
        if (pace) paces.add(pace.key, 1);
      }
      const paceCount = pace ? paces.count(pace.key) : 0;
      return { allowed, now, counts, monthEnd: spans[3]!.end, paceCount };
    },
    count: (key) => paces.add(key, 1),
  };
}
