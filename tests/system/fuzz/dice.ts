import { seeded } from '../faults/chaos.ts';

/** Repeatable choices. */
export interface Dice {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  /** True with this probability. */
  chance(rate: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/**
 * Dice that depend on these numbers alone: the k-th change of the i-th request of a seed is the
 * same in every run.
 */
export function dice(...numbers: readonly number[]): Dice {
  let hash = 0x811c9dc5;
  for (const n of numbers) {
    hash = Math.imul(hash ^ (n >>> 0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ (hash >>> 13);
  }
  const next = seeded(hash >>> 0);
  return {
    next,
    below: (below) => Math.floor(next() * below),
    chance: (rate) => next() < rate,
    pick: (from) => from[Math.floor(next() * from.length)]!,
  };
}
