import { describe, expect, test } from 'vitest';
import { decide, type TryFacts } from '../../dispatches/rules.ts';
import type { Outcome } from '../provider.ts';
import { kindOfUnknown, META_ERRORS } from './errors.ts';
import { judge } from './graph-client.ts';

const LIMITS = { maxTries: 5, maxAgeMs: 60_000, backoffMs: 1000 };
const FRESH: TryFacts = { attempts: 0, refusals: 0, ageMs: 10 };
const refused = (code: number, httpStatus = 400): Outcome<string> => ({
  kind: 'refused',
  refusal: { code: String(code), otherwise: kindOfUnknown(httpStatus, false), said: null },
});
const after = (outcome: Outcome<string>, facts: Partial<TryFacts> = {}) =>
  decide(outcome, META_ERRORS, { ...FRESH, ...facts }, LIMITS, 0.5);

describe('a refusal by Meta', () => {
  test.each([4, 80007, 130429, 131016, 131000, 131057, 133016, 1, 2])('code %i waits and is tried again', (code) => {
    expect(after(refused(code))).toMatchObject({ state: 'queued', refused: true });
  });

  test('pauses grow, and those for a pair of numbers by a factor of four', () => {
    const pauses = (code: number) =>
      [0, 1, 2, 3].map((refusals) => {
        const decision = after(refused(code), { refusals });
        return decision.state === 'queued' ? decision.pauseMs : null;
      });
    expect(pauses(131000)).toEqual([750, 1500, 3000, 6000]);
    expect(pauses(131056).map((ms) => Math.round(ms! / 1050))).toEqual([4, 16, 64, 256]);
  });

  test('retries end after the last try or at the maximum age', () => {
    expect(after(refused(131000), { refusals: 4 })).toMatchObject({ state: 'failed', code: '131000' });
    expect(after(refused(131056), { refusals: 4 })).toMatchObject({ state: 'failed', code: '131056' });
    expect(after(refused(131000), { ageMs: 60_000 })).toMatchObject({ state: 'failed' });
  });

  test.each([131048, 131064, 368, 131031, 131037, 131042, 131045])('code %i stops the number', (code) => {
    expect(after(refused(code))).toMatchObject({ state: 'failed', channel: { blockMs: 900_000 } });
  });

  test.each([0, 3, 10, 190, 200, 299, 131005])('code %i is about credentials', (code) => {
    expect(after(refused(code))).toMatchObject({ state: 'failed', channel: { blockMs: 60_000 } });
  });

  test.each([
    132000, 132001, 132015, 131026, 131047, 131049, 131050, 131021, 100, 131008, 131051, 135000, 131053, 777777,
  ])('code %i fails the message alone, in words', (code) => {
    const decision = after(refused(code));
    expect(decision).toMatchObject({ state: 'failed', code: String(code), message: expect.stringMatching(/\w+ \w+/) });
    expect(decision).not.toHaveProperty('channel');
  });

  test('an unknown code is judged by its HTTP status', () => {
    expect(after(refused(777777, 503))).toMatchObject({ state: 'queued' });
    expect(after(refused(777777, 429))).toMatchObject({ state: 'queued' });
  });
});

describe('what an answer means', () => {
  const answered = (status: number, body: unknown) =>
    judge(
      { kind: 'answered', status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
      (json) => (json as { id?: string } | null)?.id ?? null,
    ).kind;
  test.each<[number, unknown, string]>([
    [200, { id: 'x' }, 'ok'],
    [200, '<html>', 'lost'],
    [200, {}, 'lost'],
    [400, { error: { code: 100, message: 'no' } }, 'refused'],
    [500, { error: { code: 131000, message: 'no' } }, 'refused'],
    [200, { error: { code: 100, message: 'no' } }, 'refused'],
    [500, '<html>', 'lost'],
    [502, { error: 'proxy' }, 'lost'],
    [408, '', 'lost'],
    [404, '<html>', 'denied'],
    [429, '', 'denied'],
    [302, '', 'denied'],
  ])('%i %j → %s', (status, body, kind) => {
    expect(answered(status, body)).toBe(kind);
  });
});
