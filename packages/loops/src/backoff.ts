export interface GrowingPause {
  firstMs: number;
  /** Each further pause is so many times as long; 2 unless said. */
  factor?: number;
  /** A pause at most; an hour unless said. */
  maxMs?: number;
}

export interface BackoffRule extends GrowingPause {
  /** Tries in all. */
  tries: number;
}

/** Milliseconds to wait after so many failures, from 1. */
export function pauseAfter(failures: number, { firstMs, factor = 2, maxMs = 3_600_000 }: GrowingPause): number {
  return Math.min(firstMs * factor ** (failures - 1), maxMs);
}

/** The pauses between tries, in milliseconds: one less than the tries. */
export function backoff({ tries, ...pause }: BackoffRule): number[] {
  return Array.from({ length: tries - 1 }, (_, i) => pauseAfter(i + 1, pause));
}
