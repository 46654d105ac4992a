import { describe, expect, it } from 'vitest';
import { aiReplyRefusal, firstResponseAfter, isWindowOpen, lacksAgent, statusAfterOutbound } from './rules.ts';

const now = new Date('2026-01-02T12:00:00Z');
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

describe('the reply window', () => {
  it.each([
    [null, false],
    [hoursAgo(0), true],
    [hoursAgo(23.99), true],
    [hoursAgo(24), false],
    [hoursAgo(-0.01), true], // the provider's clock runs ahead
  ])('last heard of at %s: open is %s', (lastInboundAt, open) =>
    expect(isWindowOpen(lastInboundAt, 24, now)).toBe(open),
  );

  it('has the provider’s length, and does not exist where the provider has none', () => {
    expect(isWindowOpen(hoursAgo(2), 1, now)).toBe(false);
    expect(isWindowOpen(hoursAgo(2), 3, now)).toBe(true);
    expect(isWindowOpen(null, null, now)).toBe(true);
  });
});

describe('statusAfterOutbound', () => {
  it.each([
    ['new', 'user', 'active'],
    ['bot', 'user', 'active'],
    ['queued', 'user', 'active'],
    ['pending', 'user', 'pending'],
    ['assigned', 'user', 'assigned'],
    ['new', 'ai', 'bot'],
    ['active', 'ai', 'active'],
    ['new', 'system', 'new'],
  ] as const)('%s after %s wrote: %s', (current, author, expected) =>
    expect(statusAfterOutbound({ status: current, campaignId: null }, author)).toBe(expected),
  );

  it('of one that waits for an agent of its campaign stays, also after an answer', () =>
    expect(statusAfterOutbound({ status: 'queued', campaignId: 'ventas' }, 'user')).toBe('queued'));
});

describe('lacksAgent', () => {
  it.each([
    ['bot', null, 'ventas', true],
    ['queued', null, 'ventas', true],
    ['active', 'ana', 'ventas', false],
    ['active', null, null, false],
    ['closed', null, 'ventas', false],
  ] as const)('%s, of user %s, in campaign %s: %s', (status, assignedUserId, campaignId, expected) =>
    expect(lacksAgent({ status, assignedUserId, campaignId })).toBe(expected),
  );
});

describe('firstResponseAfter', () => {
  const heard = { firstResponseAt: null, lastInboundAt: hoursAgo(1) };
  it('is set by the first agent who answers', () => expect(firstResponseAfter(heard, 'user', now)).toBe(now));
  it('is not set by the AI', () => expect(firstResponseAfter(heard, 'ai', now)).toBeNull());
  it('is not set when we wrote first', () =>
    expect(firstResponseAfter({ ...heard, lastInboundAt: null }, 'user', now)).toBeNull());
  it('stays once it is set', () => {
    const first = hoursAgo(2);
    expect(firstResponseAfter({ ...heard, firstResponseAt: first }, 'user', now)).toBe(first);
  });
});

describe('aiReplyRefusal', () => {
  it.each([
    ['new', null, false, null],
    ['bot', null, false, null],
    ['active', null, false, null],
    ['active', null, true, 'answered'],
    ['assigned', null, false, 'assigned'],
    ['queued', 'u', false, 'assigned'],
    ['closed', null, false, 'closed'],
  ] as const)('%s, assigned to %s, a person wrote since: %s → %s', (status, assignedUserId, since, expected) =>
    expect(aiReplyRefusal({ status, assignedUserId }, since)).toBe(expected),
  );
});
