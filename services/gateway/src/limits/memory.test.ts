import { describe, expect, it } from 'vitest';
import { createMemoryCounts, type Question } from './memory.ts';

const LIMITS = [3, 5, 100, 1000];
const ask = (changes: Partial<Question> = {}): Question => ({
  tenantId: 'a',
  limits: LIMITS,
  pace: null,
  charge: true,
  ...changes,
});

function clockAt(iso: string) {
  const clock = { now: Date.parse(iso) };
  return { clock, counts: createMemoryCounts(() => clock.now) };
}

describe('counting without Redis', () => {
  it('lets the minute’s limit through in each minute, until the hour is full', () => {
    const { clock, counts } = clockAt('2026-03-01T10:00:59Z');
    const passed = () => Array.from({ length: 4 }, () => counts.check(ask()).allowed);
    expect(passed()).toEqual([true, true, true, false]);
    clock.now += 1000;
    expect(passed()).toEqual([true, true, false, false]);
    clock.now = Date.parse('2026-03-01T11:00:00Z');
    expect(passed()).toEqual([true, true, true, false]);
  });

  it('charges no window when one refuses', () => {
    const { counts } = clockAt('2026-03-01T10:00:00Z');
    for (let i = 0; i < 10; i++) counts.check(ask());
    expect(counts.check(ask({ charge: false })).counts).toEqual([3, 3, 3, 3]);
  });

  it('charges nothing when a user is too fast, and slows no other user', () => {
    const { counts } = clockAt('2026-03-01T10:00:00Z');
    const pace = { key: 'ana', limit: 1 };
    expect(counts.check(ask({ pace })).allowed).toBe(true);
    expect(counts.check(ask({ pace }))).toMatchObject({ allowed: false, counts: [1, 1, 1, 1], paceCount: 1 });
    expect(counts.check(ask({ pace: { key: 'luis', limit: 1 } })).allowed).toBe(true);
  });

  it('keeps tenants apart', () => {
    const { counts } = clockAt('2026-03-01T10:00:00Z');
    for (let i = 0; i < 10; i++) counts.check(ask());
    expect(counts.check(ask({ tenantId: 'b' })).allowed).toBe(true);
  });
});
