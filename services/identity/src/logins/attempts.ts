/** What an attempt counts against: an address, an account, both together, or a device. */
export interface Subject {
  /** A hash, so that it does not reveal its account. */
  key: string;
  /** Failures in the window before anything happens. */
  limit: number;
  /**
   * From the limit on each failure makes a longer pause; false: nothing is let in until the window
   * has passed.
   */
  pauses: boolean;
  /** A success clears it: a user who knows the password did not guess it. */
  clearedBySuccess: boolean;
}

/**
 * Milliseconds: the pause after the failure that reaches the limit doubles with each further one,
 * up to the longest.
 */
export const FIRST_PAUSE_MS = 5_000;
export const LONGEST_PAUSE_MS = 60_000;

/** @param beyond failures beyond the limit */
export const pauseAfter = (beyond: number): number => Math.min(FIRST_PAUSE_MS * 2 ** beyond, LONGEST_PAUSE_MS);

export type Verdict =
  | { verdict: 'go' }
  /**
   * Failures and attempts under way reach the limit together: whether there is room shows when one
   * of those ends.
   */
  | { verdict: 'wait' }
  | { verdict: 'refused'; retryMs: number };

/** `undecided`: the password was not checked (the server was too busy, or failed). */
export type Outcome = 'right' | 'wrong' | 'undecided';

/** Keeps count of attempts: in Redis for all processes, in memory for this one. */
export interface Attempts {
  /**
   * Takes a place with every subject, or with none. It counts until it is settled, so that attempts
   * at once don't all get in.
   */
  reserve(subjects: readonly Subject[], id: string): Verdict | Promise<Verdict>;
  /** Gives the place back, and notes a failure. */
  settle(subjects: readonly Subject[], id: string, outcome: Outcome): void | Promise<void>;
}

/** Milliseconds until a place is free although it was not given back: its process died. */
export const HOLD_MS = 30_000;
