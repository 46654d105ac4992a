import { expect, it } from 'vitest';
import { inOrder } from './views.ts';

const step = (event: 'accepted' | 'attempt' | 'status', at: string, source: 'webhook' | 'dispatch' | null = null) => ({
  event,
  source,
  at: `2026-11-30T10:00:${at}Z`,
});

it('A tick that its provider tells in whole seconds stands behind the try of the same second.', () => {
  const accepted = step('accepted', '01.443');
  const attempt = step('attempt', '01.737');
  const own = step('status', '01.747', 'dispatch');
  const sent = step('status', '01.000', 'webhook');
  const delivered = step('status', '01.000', 'webhook');
  const next = step('attempt', '02.000');
  expect(inOrder([next, sent, delivered, accepted, attempt, own])).toEqual([
    accepted,
    attempt,
    own,
    sent,
    delivered,
    next,
  ]);
});

it('A tick with milliseconds stands where its time says.', () => {
  const early = step('status', '01.100', 'webhook');
  const later = step('attempt', '01.737');
  expect(inOrder([later, early])).toEqual([early, later]);
});
