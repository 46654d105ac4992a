import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bucket, rateOf, take } from './bucket.ts';
import { createDemand } from './demand.ts';

describe('the bucket', () => {
  test('never lets more through than a second of burst and the rate since', () => {
    const steps = fc.array(fc.record({ pause: fc.nat(2000), wanted: fc.nat(200) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), steps, (perMinute, list) => {
        const rate = rateOf(perMinute);
        let [bucket, now, through] = [null as Bucket | null, 0, 0];
        for (const { pause, wanted } of list) {
          now += pause;
          const taken = take(bucket, rate, wanted, now);
          bucket = taken.bucket;
          through += taken.grant.granted;
          expect(taken.grant.granted).toBeLessThanOrEqual(wanted);
        }
        expect(through).toBeLessThanOrEqual(rate.capacity + now * rate.perMs + 1e-6);
      }),
    );
  });

  test('says when the next one comes, and then it does', () => {
    const rate = rateOf(60);
    const first = take(null, rate, 5, 0);
    expect(first.grant).toEqual({ granted: 1, waitMs: 1000 });
    expect(take(first.bucket, rate, 1, 1000).grant.granted).toBe(1);
  });

  test('what was not used comes back', () => {
    const rate = rateOf(null);
    const taken = take(null, rate, 80, 0);
    const back = take(taken.bucket, rate, -80, 0);
    expect(take(back.bucket, rate, 100, 0).grant.granted).toBe(80);
  });
});

describe('demand', () => {
  const unlimited = () => 1000;

  test('one channel with thousands leaves room for the others', () => {
    const demand = createDemand();
    demand.add('flood', 5000);
    demand.add('small', 2);
    expect(demand.take(0, 100, unlimited)).toEqual([
      { channelId: 'flood', amount: 50 },
      { channelId: 'small', amount: 2 },
    ]);
    expect(demand.take(0, 100, unlimited)).toEqual([{ channelId: 'flood', amount: 100 }]);
  });

  test('who was served goes to the end, who is held waits, who has no room is passed over', () => {
    const demand = createDemand();
    demand.add('a', 10);
    demand.add('b', 10);
    expect(demand.take(0, 1, unlimited)).toEqual([{ channelId: 'a', amount: 1 }]);
    expect(demand.take(0, 1, unlimited)).toEqual([{ channelId: 'b', amount: 1 }]);
    demand.hold('a', 500);
    expect(demand.take(0, 4, (id) => (id === 'b' ? 0 : 9))).toEqual([]);
    expect(demand.nextAt(0, (id) => (id === 'b' ? 0 : 9))).toBe(500);
    expect(demand.take(500, 4, (id) => (id === 'b' ? 0 : 9))).toEqual([{ channelId: 'a', amount: 4 }]);
  });
});
