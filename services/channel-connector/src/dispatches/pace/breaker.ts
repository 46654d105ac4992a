import { createCache } from '@recado/service-kit';

/**
 * Of each number, whether its provider answers. While it does not, one message at a time is tried,
 * after growing pauses. Pure but for its own memory; times in milliseconds of a steady clock.
 */
export interface Breakers {
  /** How many of `wanted` sends may begin now; when that is fewer, when to ask again. */
  admit(channelId: string, wanted: number, now: number): { allowed: number; until: number };
  /** A send that was admitted did not begin. */
  giveBack(channelId: string): void;
  /** How a send ended. `opened`: no more go now, for so long; `closed`: all may go again. */
  record(channelId: string, answered: boolean, now: number): BreakerChange | null;
  /** Numbers whose breaker is open. */
  open(): number;
}

export type BreakerChange = { kind: 'opened'; pauseMs: number } | { kind: 'closed' };

interface Breaker {
  /** Sends in a row without an answer. */
  failures: number;
  /** Nothing goes before. */
  openUntil: number;
  /** The one that is tried is on its way. */
  probing: boolean;
}

/** Failures in a row that open it: fewer may be chance. */
const OPEN_AFTER = 5;
const FIRST_PAUSE_MS = 2000;
/** A number that is back is found at most so late. */
const LONGEST_PAUSE_MS = 60_000;
/** While the one that is tried is on its way. */
const LOOK_AGAIN_MS = 500;
const MAX_NUMBERS = 50_000;

export function createBreakers(): Breakers {
  /** Only of numbers that fail. */
  const breakers = createCache<string, Breaker>({ max: MAX_NUMBERS });
  const isOpen = ({ failures }: Breaker) => failures >= OPEN_AFTER;

  return {
    admit(channelId, wanted, now) {
      const breaker = breakers.get(channelId);
      if (!breaker || !isOpen(breaker)) return { allowed: wanted, until: now };
      if (breaker.probing || now < breaker.openUntil)
        return { allowed: 0, until: Math.max(breaker.openUntil, now + LOOK_AGAIN_MS) };
      breaker.probing = true;
      return { allowed: Math.min(1, wanted), until: now + LOOK_AGAIN_MS };
    },
    giveBack(channelId) {
      const breaker = breakers.get(channelId);
      if (breaker) breaker.probing = false;
    },
    record(channelId, answered, now) {
      const breaker = breakers.get(channelId) ?? { failures: 0, openUntil: 0, probing: false };
      const was = isOpen(breaker);
      if (answered) {
        breakers.delete(channelId);
        return was ? { kind: 'closed' } : null;
      }
      // What was on its way when it opened tells nothing new.
      if (was && !breaker.probing) return null;
      breaker.failures++;
      breaker.probing = false;
      breakers.set(channelId, breaker);
      if (!isOpen(breaker)) return null;
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (breaker.failures - OPEN_AFTER), LONGEST_PAUSE_MS);
      breaker.openUntil = now + pauseMs;
      return { kind: 'opened', pauseMs };
    },
    open: () => [...breakers.values()].filter(isOpen).length,
  };
}
