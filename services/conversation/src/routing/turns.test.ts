import { describe, expect, it } from 'vitest';
import { isOverdue, turnOf } from './turns.ts';

const at = new Date('2026-01-02T12:00:00Z');

describe('turnOf', () => {
  it.each([
    ['new', null, at, false, 'people'],
    ['new', null, at, true, 'ai'],
    ['bot', null, at, false, 'people'],
    ['bot', null, at, true, 'ai'],
    ['active', null, at, true, 'people'],
    ['pending', null, at, true, 'people'],
    ['queued', null, at, false, null],
    ['closed', null, at, false, null],
    ['active', 'ana', at, false, null],
    ['bot', 'ana', at, false, null],
    ['new', null, null, false, null],
    ['active', null, null, false, null],
  ] as const)('%s, of %s, the customer wrote at %s, the AI first is %s: %s', (status, user, wrote, aiFirst, expected) =>
    expect(turnOf({ status, assignedUserId: user, lastInboundAt: wrote }, aiFirst)).toBe(expected),
  );
});

describe('isOverdue', () => {
  it.each([
    [at, 60, new Date(at.getTime() + 59_999), false],
    [at, 60, new Date(at.getTime() + 60_000), true],
    [null, 1, at, false],
  ] as const)('since %s, %i s to wait, at %s: %s', (since, wait, now, expected) =>
    expect(isOverdue(since, wait, now)).toBe(expected),
  );
});
