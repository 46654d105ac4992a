import { expect, test } from 'vitest';
import { passingReason } from './passing-errors.ts';

const failed = (code: string) => new Error('Failed query', { cause: Object.assign(new Error(code), { code }) });

test.each([
  ['57P01', 'outage'],
  ['08006', 'outage'],
  ['CONNECTION_CLOSED', 'outage'],
  ['40P01', 'contention'],
  // A statement that took too long, and a transaction that did nothing for too long.
  ['57014', 'contention'],
  ['25P03', 'contention'],
  ['23505', null],
])('that a transaction failed with %s is an event’s own fault or passes: %s', (code, reason) => {
  expect(passingReason(failed(code))).toBe(reason);
});
