import { describe, expect, it } from 'vitest';
import { advance, decodeCursor, encodeCursor, isReached, planResume, REPLAY_LIMIT } from './cursor.ts';

const window = { generation: 'a1', firstSeq: 100, lastSeq: 500 };

describe('a cursor', () => {
  it('comes back as it was', () => {
    const [main, notifications, channels] = [
      { generation: 'k3x', seq: 42, index: 0 },
      { generation: 'n1', seq: 7 },
      { generation: 'c1', seq: 9, index: 63 },
    ];
    expect(encodeCursor({ main })).toBe('k3x-42.0');
    expect(encodeCursor({ main, notifications, channels })).toBe('k3x-42.0_nn1-7_cc1-9.63');
    for (const cursor of [
      { main },
      { main: { generation: 'k3x', seq: 42 } },
      { main, notifications },
      { main, channels },
      { main, notifications, channels },
    ]) {
      expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
    }
  });

  it('of an older version names the main stream alone', () => {
    expect(decodeCursor('20261121T070315123456789Z-42')).toEqual({
      main: { generation: '20261121T070315123456789Z', seq: 42 },
    });
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
    'a-1.',
    'a-1.-1',
    'a-1.2.3',
    'a-.1',
    'a-1.99999',
    'a--1',
    `a-${'9'.repeat(20)}`,
    'a b-1',
    'x'.repeat(600),
    'a-1_',
    'a-1_n',
    'a-1_xb-1',
    'a-1_nb-1_nb-2',
    '_nb-1',
  ])('is null for %j', (text) => {
    expect(decodeCursor(text)).toBeNull();
  });
});

describe('an event', () => {
  // In the order of the stream: two messages of three events, the last of each has no index.
  const places = [
    { seq: 5, index: 0 },
    { seq: 5, index: 1 },
    { seq: 5 },
    { seq: 6, index: 0 },
    { seq: 6, index: 1 },
    { seq: 6 },
  ];

  it('is reached by a client at its place or after it', () => {
    for (const [i, event] of places.entries()) {
      for (const [j, place] of places.entries()) {
        expect(isReached({ generation: 'a', ...event }, { generation: 'a', ...place }), `${i} from ${j}`).toBe(i <= j);
        expect(isReached({ generation: 'a', ...event }, { generation: 'b', ...place })).toBe(false);
      }
    }
  });
});

describe('a client', () => {
  const at = (main: number, notifications: number) => ({
    main: { generation: 'a', seq: main },
    notifications: { generation: 'b', seq: notifications },
  });

  it('never goes back in one stream when it goes on in another', () => {
    expect(advance(at(5, 9), at(6, 3))).toEqual(at(6, 9));
    expect(advance(at(5, 9), at(4, 10))).toEqual(at(5, 10));
    expect(advance({ main: at(5, 9).main }, at(6, 3))).toEqual(at(6, 3));
  });

  it('moves to a stream that was created again', () => {
    const anew = { ...at(6, 1), notifications: { generation: 'c', seq: 1 } };
    expect(advance(at(5, 9), anew)).toEqual(anew);
  });
});

describe('resuming', () => {
  it('goes live at once without a cursor or with nothing missed', () => {
    expect(planResume(undefined, window)).toEqual({ kind: 'live' });
    expect(planResume({ generation: 'a1', seq: 500 }, window)).toEqual({ kind: 'live' });
  });

  it('replays from the next event, down to the oldest kept', () => {
    expect(planResume({ generation: 'a1', seq: 480 }, window)).toEqual({ kind: 'replay', fromSeq: 481 });
    expect(planResume({ generation: 'a1', seq: 99 }, window)).toEqual({ kind: 'replay', fromSeq: 100 });
  });

  it('replays the rest of a message from its middle, if it is still there', () => {
    expect(planResume({ generation: 'a1', seq: 480, index: 3 }, window)).toEqual({ kind: 'replay', fromSeq: 480 });
    expect(planResume({ generation: 'a1', seq: 500, index: 0 }, window)).toEqual({ kind: 'replay', fromSeq: 500 });
    expect(planResume({ generation: 'a1', seq: 100, index: 0 }, window)).toEqual({ kind: 'replay', fromSeq: 100 });
    expect(planResume({ generation: 'a1', seq: 99, index: 0 }, window)).toEqual({ kind: 'resync' });
  });

  it('asks for a resync when what was missed is gone', () => {
    expect(planResume({ generation: 'old', seq: 480 }, window)).toEqual({ kind: 'resync' });
    expect(planResume({ generation: 'a1', seq: 98 }, window)).toEqual({ kind: 'resync' });
    expect(planResume({ generation: 'a1', seq: 501 }, window)).toEqual({ kind: 'resync' });
    expect(planResume({ generation: 'a1', seq: 1 }, { ...window, firstSeq: 1, lastSeq: REPLAY_LIMIT + 2 })).toEqual({
      kind: 'resync',
    });
  });
});
