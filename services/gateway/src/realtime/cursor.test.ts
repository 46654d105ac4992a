import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, planResume, REPLAY_LIMIT } from './cursor.ts';

const window = { incarnation: 'a1', firstSeq: 100, lastSeq: 500 };

describe('a cursor', () => {
  it('comes back as it was', () => {
    expect(decodeCursor(encodeCursor({ incarnation: 'k3x', seq: 42 }))).toEqual({ incarnation: 'k3x', seq: 42 });
  });

  it.each([
    undefined,
    null,
    7,
    '',
    'abc',
    'a-',
    '-1',
    'a-1-2',
    'a--1',
    `a-${'9'.repeat(20)}`,
    'a b-1',
    'x'.repeat(200),
  ])('is null for %j', (text) => {
    expect(decodeCursor(text)).toBeNull();
  });
});

describe('resuming', () => {
  it('goes live at once without a cursor or with nothing missed', () => {
    expect(planResume(null, window)).toEqual({ kind: 'live' });
    expect(planResume({ incarnation: 'a1', seq: 500 }, window)).toEqual({ kind: 'live' });
  });

  it('replays from the next event, down to the oldest kept', () => {
    expect(planResume({ incarnation: 'a1', seq: 480 }, window)).toEqual({ kind: 'replay', fromSeq: 481 });
    expect(planResume({ incarnation: 'a1', seq: 99 }, window)).toEqual({ kind: 'replay', fromSeq: 100 });
  });

  it('asks for a resync when what was missed is gone', () => {
    expect(planResume({ incarnation: 'old', seq: 480 }, window)).toEqual({ kind: 'resync' });
    expect(planResume({ incarnation: 'a1', seq: 98 }, window)).toEqual({ kind: 'resync' });
    expect(planResume({ incarnation: 'a1', seq: 501 }, window)).toEqual({ kind: 'resync' });
    expect(planResume({ incarnation: 'a1', seq: 1 }, { ...window, firstSeq: 1, lastSeq: REPLAY_LIMIT + 2 })).toEqual({
      kind: 'resync',
    });
  });
});
