import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atBottom, between, idAt, onTop, rankOfId, spread } from './ranks.ts';

const NOW = new Date('2030-01-10T12:00:00.000Z');
/** As a number that can be compared; the digits behind the point stay. */
const value = (rank: string): [bigint, string] => {
  const [whole = '0', fraction = ''] = rank.split('.');
  return [BigInt(whole), fraction.padEnd(80, '0')];
};
const isAbove = (a: string, b: string): boolean => {
  const [x, y] = [value(a), value(b)];
  return x[0] === y[0] ? x[1] > y[1] : x[0] > y[0];
};
const ids = fc.uuid();

describe('a card between two', () => {
  it('stands below the one and above the other', () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        fc.pre(a !== b);
        const [high, low] = a > b ? [a, b] : [b, a];
        const rank = between(rankOfId(high), rankOfId(low))!;
        expect(isAbove(rankOfId(high), rank) && isAbove(rank, rankOfId(low))).toBe(true);
      }),
    );
  });

  it('finds room a hundred times in one gap, then it is spread anew', () => {
    const [high, low] = ['018f541a-e00a-7dca-88f5-661340393228', '018f541a-e00a-7dca-88f5-661340393227'].map(rankOfId);
    let above: string = high!;
    let moves = 0;
    for (let next = between(above, low!); next !== null; next = between(above, low!)) {
      expect(isAbove(above, next)).toBe(true);
      above = next;
      moves++;
    }
    expect(moves).toBeGreaterThan(30);
    const anew = spread(high!, low!, 5);
    for (const [i, rank] of anew.entries()) expect(isAbove(anew[i - 1] ?? high!, rank)).toBe(true);
    expect(isAbove(anew.at(-1)!, low!)).toBe(true);
    expect(between(anew[0]!, anew[1]!)).not.toBeNull();
  });

  it('has none between two of one rank', () => expect(between('5', '5')).toBeNull());
});

it('spreads any number of cards in order between any two', () => {
  fc.assert(
    fc.property(ids, ids, fc.integer({ min: 1, max: 100 }), (a, b, count) => {
      fc.pre(a !== b);
      const [high, low] = (a > b ? [a, b] : [b, a]).map(rankOfId);
      const ranks = [high!, ...spread(high!, low!, count), low!];
      for (let i = 1; i < ranks.length; i++) expect(isAbove(ranks[i - 1]!, ranks[i]!)).toBe(true);
    }),
  );
});

it('a card on top stands above the others, and above all of before', () => {
  fc.assert(
    fc.property(ids, (id) => {
      expect(isAbove(onTop(rankOfId(id), NOW), rankOfId(id))).toBe(true);
    }),
  );
  expect(onTop(null, NOW)).toBe((BigInt(NOW.getTime()) << 80n).toString());
});

it('a card at the bottom stands below the others', () => {
  fc.assert(
    fc.property(ids, (id) => {
      expect(BigInt(atBottom(rankOfId(id))) < BigInt(rankOfId(id))).toBe(true);
    }),
  );
});

it('an id is found again from its rank, and what is between two ids from the higher one', () => {
  fc.assert(
    fc.property(ids, (id) => {
      expect(idAt(rankOfId(id))).toBe(id);
    }),
  );
  const [id, next] = ['018f541a-e00a-7dca-88f5-661340393227', '018f541a-e00a-7dca-88f5-661340393228'];
  expect(idAt(`${rankOfId(id!)}.5`)).toBe(next);
  expect(idAt('-5.5')).toBe('00000000-0000-0000-0000-000000000000');
  expect(idAt((1n << 128n).toString())).toBeNull();
});

it('a card on top stands below one that comes later, also when ids run ahead of the clock', () => {
  const [top, next] = ['019c541a-e00a-7dca-88f5-661340393227', '019c541a-e00a-7dca-88f6-000000000000'].map(rankOfId);
  const early = new Date('2026-01-01T00:00:00.000Z');
  expect(isAbove(onTop(top!, early), top!)).toBe(true);
  expect(isAbove(next!, onTop(top!, early))).toBe(true);
});
