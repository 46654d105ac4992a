export interface BackoffRule {
  /** Tries in all. */
  tries: number;
  /** Pause before the second try. */
  firstMs: number;
  /** Each further pause is so many times as long; 2 unless said. */
  factor?: number;
  /** A pause at most; an hour unless said. */
  maxMs?: number;
}

/** The pauses between tries, in milliseconds: one less than the tries. */
export function backoff({ tries, firstMs, factor = 2, maxMs = 3_600_000 }: BackoffRule): number[] {
  return Array.from({ length: tries - 1 }, (_, i) => Math.min(firstMs * factor ** i, maxMs));
}
