import type { ByteRange } from '../storage/storage.ts';

/** The part of a file that was asked for; null: the whole; `unsatisfiable`: 416. */
export type WantedRange = ByteRange | null | 'unsatisfiable';

/**
 * Reads `Range` (RFC 9110). Several ranges, another unit and nonsense get the whole file, as the
 * standard allows.
 */
export function readRange(header: string | undefined, size: number): WantedRange {
  const match = /^bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))$/.exec(header?.trim() ?? '');
  if (!match) return null;
  const [, from, to, last] = match;
  if (last !== undefined) {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size) return 'unsatisfiable';
  // The end before the start is no range at all.
  return end < start ? null : { start, end };
}
