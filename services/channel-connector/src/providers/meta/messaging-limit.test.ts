import { expect, it } from 'vitest';
import { readMessagingLimit } from './messaging-limit.ts';

it.each([
  ['TIER_250', 250],
  ['TIER_2K', 2000],
  ['TIER_10K', 10_000],
  ['TIER_100K', 100_000],
  ['2000', 2000],
  ['TIER_UNLIMITED', null],
  ['-1', null],
  ['TIER_NOT_SET', null],
  ['', null],
])('reads the tier %s as %s customers', (told, customers) => expect(readMessagingLimit(told)).toBe(customers));
