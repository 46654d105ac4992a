import { Webhook } from 'standardwebhooks';
import { describe, expect, it, test } from 'vitest';
import { newSecret } from '../webhook-endpoints/secret.ts';
import { wants } from './order.ts';
import { redactText } from './redact-text.ts';
import { readRetryAfter, stepAfter } from './rules.ts';
import { SENT_AGAIN_MS } from './schedule.ts';
import { signatureHeaders } from './send.ts';

const NOW = new Date('2026-11-29T12:00:00Z');
const HOUR_MS = 3600 * 1000;

describe('after a try', () => {
  it('comes the next one at 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, and then none', () => {
    const steps = [1, 2, 3, 4, 5, 6, 7, 8].map((tries) => stepAfter({ status: 500, retryAfterMs: null }, tries));
    const pauses = steps.map((step) => (step.kind === 'again' ? step.pauseMs / 1000 : step.kind));
    expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 36_000, 'failed']);
  });

  it.each<[number | null, string]>([
    [200, 'delivered'],
    [204, 'delivered'],
    [299, 'delivered'],
    [301, 'again'],
    [400, 'again'],
    [404, 'again'],
    [410, 'gone'],
    [429, 'again'],
    [500, 'again'],
    [null, 'again'],
  ])('with %s it is %s', (status, kind) => {
    expect(stepAfter({ status, retryAfterMs: null }, 1).kind).toBe(kind);
  });

  it('Retry-After makes the pause longer, never shorter, and rests the endpoint when it is too busy', () => {
    const asked = (status: number, retryAfterMs: number, tries = 1) => stepAfter({ status, retryAfterMs }, tries);
    expect(asked(429, 60_000)).toEqual({ kind: 'again', pauseMs: 60_000, restMs: 60_000 });
    expect(asked(503, 1000, 2)).toEqual({ kind: 'again', pauseMs: SENT_AGAIN_MS[1], restMs: 1000 });
    expect(asked(500, 60_000)).toEqual({ kind: 'again', pauseMs: 60_000, restMs: null });
    expect(asked(429, 1000 * HOUR_MS)).toEqual({ kind: 'again', pauseMs: 10 * HOUR_MS, restMs: 10 * HOUR_MS });
  });
});

test.each<[string | undefined, number | null]>([
  [undefined, null],
  ['', null],
  ['120', 120_000],
  [' 0 ', 0],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['Sun, 29 Nov 2026 12:01:00 GMT', 60_000],
  ['Sun, 29 Nov 2026 11:00:00 GMT', 0],
])('Retry-After %j is %s ms', (header, expected) => {
  expect(readRetryAfter(header, NOW)).toBe(expected);
});

describe('an endpoint', () => {
  const CHANNEL = '01a1fcb6-8848-7000-a8c7-2cb3caa88b6c';
  const all = { eventTypes: [] as string[], channelIds: [] as string[], enabledAt: NOW };
  const at = NOW.toISOString();

  it.each<[string, Parameters<typeof wants>, boolean]>([
    ['without filters gets an event of a channel', [all, 'message.created', CHANNEL, at], true],
    ['without filters gets an event of no channel', [all, 'contact.created', null, at], true],
    ['gets its own kinds', [{ ...all, eventTypes: ['message.created'] }, 'message.created', CHANNEL, at], true],
    ['gets no other kind', [{ ...all, eventTypes: ['message.created'] }, 'message.updated', CHANNEL, at], false],
    ['gets its own channel', [{ ...all, channelIds: [CHANNEL] }, 'message.created', CHANNEL, at], true],
    ['gets no other channel', [{ ...all, channelIds: [CHANNEL] }, 'message.created', 'another', at], false],
    ['of a channel gets nothing of none', [{ ...all, channelIds: [CHANNEL] }, 'contact.created', null, at], false],
    ['gets nothing from before it was on', [all, 'message.created', CHANNEL, '2026-11-29T11:59:59.999Z'], false],
  ])('%s', (_, given, expected) => {
    expect(wants(...given)).toBe(expected);
  });
});

it('An event is signed with each secret, so that a receiver verifies it with either', () => {
  const [present, former, other] = [newSecret(), newSecret(), newSecret()];
  const payload = '{"data":"ñ"}';
  const headers = signatureHeaders([present, former], 'event-1', payload, new Date());
  expect(new Webhook(present).verify(payload, headers)).toEqual({ data: 'ñ' });
  expect(new Webhook(former).verify(payload, headers)).toEqual({ data: 'ñ' });
  expect(() => new Webhook(other).verify(payload, headers)).toThrow();
  expect(() => new Webhook(present).verify(payload.replace('ñ', 'n'), headers)).toThrow();
});

it('An answer is kept without the secrets that it holds', () => {
  const secret = newSecret();
  const kept = redactText(`bad signature, expected ${secret} or ${secret.slice(6)}; Bearer abc.def`, [secret]);
  expect(kept).not.toContain(secret.slice(6));
  expect(kept).not.toContain('abc.def');
  expect(kept).toContain('bad signature');
});
