import { describe, expect, it } from 'vitest';
import { rangeErrors } from './rules.ts';

describe('a range of days', () => {
  it.each([
    ['2026-05-01', '2026-05-01'],
    ['2024-01-01', '2024-12-31'],
    ['2024-02-29', '2025-02-28'],
  ])('%s to %s may be asked for', (from, to) => {
    expect(rangeErrors(from, to)).toEqual([]);
  });

  it.each([
    ['2026-05-02', '2026-05-01', ['to']],
    ['2024-01-01', '2025-01-01', ['to']],
    ['2026-02-29', '2026-03-01', ['from']],
    ['2026-04-31', '2026-13-01', ['from', 'to']],
    ['0000-01-01', '0000-01-01', ['from', 'to']],
  ])('%s to %s may not, for %j', (from, to, fields) => {
    expect(rangeErrors(from, to).map(({ field }) => field)).toEqual(fields);
  });
});
