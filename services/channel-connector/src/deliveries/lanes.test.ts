import { expect, it } from 'vitest';
import { createLanes, type Lanes } from './lanes.ts';

let at = 0;
const lanesOf = (width: number) => createLanes({ width, now: () => at });

function take(lanes: Lanes, id = 'a') {
  const place = lanes.take(id);
  return 'end' in place ? { ...place, waitMs: null } : { end: null, waitMs: place.waitMs };
}

/** Tries that all fail after so long. */
function fail(lanes: Lanes, durationMs: number, times: number): void {
  for (let i = 0; i < times; i++) take(lanes).end!({ ok: false, durationMs });
}

it('An endpoint has so many tries at once; others keep theirs', () => {
  const lanes = lanesOf(2);
  const first = take(lanes);
  expect(take(lanes).waitMs).toBeNull();
  expect(take(lanes).waitMs).toBeGreaterThan(0);
  expect(take(lanes, 'b').waitMs).toBeNull();
  first.end!({ ok: true, durationMs: 10 });
  expect(take(lanes).waitMs).toBeNull();
});

it('Those that wait get times one after the other, within a minute', () => {
  const lanes = lanesOf(1);
  take(lanes);
  const waits = Array.from({ length: 20 }, () => take(lanes).waitMs!);
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  const many = Array.from({ length: 10_000 }, () => take(lanes).waitMs!);
  expect(Math.max(...many)).toBeLessThanOrEqual(60_001);
});

it('A receiver that only times out is tried one by one, after growing pauses, until it answers', () => {
  const lanes = lanesOf(8);
  fail(lanes, 15_000, 5);
  expect(take(lanes).waitMs).toBeGreaterThan(5000);
  at += 5000;
  const probe = take(lanes);
  expect(probe.waitMs).toBeNull();
  expect(take(lanes).waitMs).toBeGreaterThan(0);
  probe.end!({ ok: false, durationMs: 15_000 });
  at += 5001;
  expect(take(lanes).waitMs).toBeGreaterThan(0);
  at += 5001;
  take(lanes).end!({ ok: true, durationMs: 20 });
  expect(Array.from({ length: 8 }, () => take(lanes).waitMs)).toEqual(Array(8).fill(null));
});

it('A receiver that refuses at once keeps its width', () => {
  const lanes = lanesOf(8);
  fail(lanes, 5, 100);
  expect(take(lanes).waitMs).toBeNull();
});
