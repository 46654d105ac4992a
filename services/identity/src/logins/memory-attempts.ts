import { createCache } from '@recado/service-kit';
import { type Attempts, HOLD_MS, pauseAfter, type Verdict } from './attempts.ts';

interface Count {
  /** When they were, oldest first. */
  failures: number[];
  /** Attempts under way, and until when they count. */
  held: Map<string, number>;
}

/**
 * About 10 MB when full. The least recently seen go first: a flood of addresses can't grow the
 * process.
 */
const MAX_SUBJECTS = 50_000;

/**
 * Attempts as this process alone sees them, for when Redis is away: the same rule as
 * redis-attempts.ts.
 */
export function createMemoryAttempts(options: { windowMs: number; now?: () => number }): Attempts {
  const { windowMs, now = Date.now } = options;
  const counts = createCache<string, Count>({ max: MAX_SUBJECTS });

  function countOf(key: string, at: number): Count {
    let count = counts.get(key);
    if (!count) {
      count = { failures: [], held: new Map() };
      counts.set(key, count);
    }
    count.failures = count.failures.filter((time) => time > at - windowMs);
    for (const [id, until] of count.held) if (until <= at) count.held.delete(id);
    return count;
  }

  return {
    reserve(subjects, id): Verdict {
      const at = now();
      let retryMs = 0;
      let full = false;
      for (const { key, limit, pauses } of subjects) {
        const { failures, held } = countOf(key, at);
        const beyond = failures.length - limit;
        if (beyond >= 0) {
          const until = pauses ? failures.at(-1)! + pauseAfter(beyond) : failures.at(-limit)! + windowMs;
          retryMs = Math.max(retryMs, until - at);
          // After a pause one is admitted, and the others learn its result.
          if (held.size > 0) full = true;
        } else if (failures.length + held.size >= limit) full = true;
      }
      if (retryMs > 0) return { verdict: 'refused', retryMs };
      if (full) return { verdict: 'wait' };
      for (const { key } of subjects) countOf(key, at).held.set(id, at + HOLD_MS);
      return { verdict: 'go' };
    },
    settle(subjects, id, outcome) {
      const at = now();
      for (const { key, clearedBySuccess } of subjects) {
        const count = countOf(key, at);
        count.held.delete(id);
        if (outcome === 'wrong') count.failures.push(at);
        if (outcome === 'right' && clearedBySuccess) count.failures = [];
        if (count.failures.length === 0 && count.held.size === 0) counts.delete(key);
      }
    },
  };
}
