import { describe, expect, test } from 'vitest';
import { type Breakers, createBreakers } from './breaker.ts';

/** Five sends without an answer at 0 ms. */
function opened(): Breakers {
  const breakers = createBreakers();
  for (let i = 0; i < 5; i++) breakers.record('a', false, 0);
  return breakers;
}

describe('the breaker of a number', () => {
  test('lets everything through until five sends in a row had no answer', () => {
    const breakers = createBreakers();
    for (let i = 0; i < 4; i++) expect(breakers.record('a', false, 0)).toBeNull();
    expect(breakers.admit('a', 50, 0).allowed).toBe(50);
    expect(breakers.record('a', false, 0)).toEqual({ kind: 'opened', pauseMs: 2000 });
    expect(breakers.admit('a', 50, 1999)).toEqual({ allowed: 0, until: 2499 });
    expect(breakers.open()).toBe(1);
  });

  test('an answer between failures begins the count again', () => {
    const breakers = createBreakers();
    for (let i = 0; i < 4; i++) breakers.record('a', false, 0);
    breakers.record('a', true, 0);
    for (let i = 0; i < 4; i++) expect(breakers.record('a', false, 0)).toBeNull();
  });

  test('holds no other number', () => {
    expect(opened().admit('b', 50, 0).allowed).toBe(50);
  });

  test('tries one message after the pause, and a second one only when that has ended', () => {
    const breakers = opened();
    expect(breakers.admit('a', 50, 2000).allowed).toBe(1);
    expect(breakers.admit('a', 50, 3000).allowed).toBe(0);
    expect(breakers.record('a', false, 3000)).toEqual({ kind: 'opened', pauseMs: 4000 });
    expect(breakers.admit('a', 50, 6999).allowed).toBe(0);
    expect(breakers.admit('a', 50, 7000).allowed).toBe(1);
  });

  test('a try that did not begin leaves the turn to another', () => {
    const breakers = opened();
    breakers.admit('a', 1, 2000);
    breakers.giveBack('a');
    expect(breakers.admit('a', 1, 2000).allowed).toBe(1);
  });

  test('pauses grow to a minute', () => {
    const breakers = opened();
    const pauses: number[] = [];
    for (let now = 1e6; pauses.length < 7; now += 1e6) {
      breakers.admit('a', 1, now);
      const change = breakers.record('a', false, now);
      pauses.push(change?.kind === 'opened' ? change.pauseMs : 0);
    }
    expect(pauses).toEqual([4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('failures of what was on its way before do not lengthen the pause', () => {
    const breakers = opened();
    for (let i = 0; i < 100; i++) expect(breakers.record('a', false, 1000)).toBeNull();
    expect(breakers.admit('a', 1, 2000).allowed).toBe(1);
  });

  test('an answer closes it', () => {
    const breakers = opened();
    breakers.admit('a', 1, 2000);
    expect(breakers.record('a', true, 2100)).toEqual({ kind: 'closed' });
    expect(breakers.admit('a', 50, 2100).allowed).toBe(50);
    expect(breakers.open()).toBe(0);
  });
});
