import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bucket, rateOf, rateOfRecipient, slow, take } from './bucket.ts';
import { createDemand, type Demand } from './demand.ts';

const paced = (ratePerMinute: number | null) => ({
  ratePerMinute,
  provider: { capabilities: { messagesPerSecond: 80 } },
});

describe('the bucket', () => {
  test('never lets more through than a quarter of a second of burst and the rate since', () => {
    const steps = fc.array(fc.record({ pause: fc.nat(2000), wanted: fc.nat(200) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), steps, (perMinute, list) => {
        const rate = rateOf(paced(perMinute));
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

  test('says when the next send may go, and then lets it go', () => {
    const rate = rateOf(paced(60));
    const first = take(null, rate, 5, 0);
    expect(first.grant).toEqual({ granted: 1, waitMs: 1000 });
    expect(take(first.bucket, rate, 1, 1000).grant.granted).toBe(1);
  });

  test('a number that is too fast for its provider rests for a second, however many are refused', () => {
    const rate = rateOf(paced(null));
    let bucket = slow(null, rate, 0);
    for (let i = 0; i < 50; i++) bucket = slow(bucket, rate, 0);
    expect(take(bucket, rate, 1, 999).grant).toEqual({ granted: 0, waitMs: 1 });
    expect(take(bucket, rate, 5, 1000).grant.granted).toBe(1);
  });

  test('a customer gets a burst, then one message after each pause', () => {
    const rate = rateOfRecipient({ burst: 45, everyMs: 6000 }, 1);
    const burst = take(null, rate, 50, 0);
    expect(burst.grant).toEqual({ granted: 45, waitMs: 6000 });
    expect(take(burst.bucket, rate, 50, 6000).grant.granted).toBe(1);
    expect(take(burst.bucket, rate, 50, 270_000).grant.granted).toBe(45);
  });

  test('unused tokens come back', () => {
    const rate = rateOf(paced(null));
    const taken = take(null, rate, 20, 0);
    const back = take(taken.bucket, rate, -20, 0);
    expect(take(back.bucket, rate, 100, 0).grant.granted).toBe(20);
  });
});

describe('demand', () => {
  const places = { all: 100, perTenant: 75, perChannel: 50, spare: 10 };
  const of = (tenantId: string, channelId: string) => ({ tenantId, channelId });

  /** Takes what may go, and lets it be on its way. */
  function go(demand: Demand, now = 0): Record<string, number> {
    const taken = demand.take(now);
    for (const one of taken) for (let i = 0; i < one.amount; i++) demand.begin(one);
    return Object.fromEntries(taken.map(({ channelId, amount }) => [channelId, amount]));
  }

  test('one channel with thousands leaves room for the others', () => {
    const demand = createDemand(places);
    demand.add(of('a', 'flood'), 5000);
    demand.add(of('b', 'small'), 2);
    expect(go(demand)).toEqual({ flood: 50, small: 2 });
    expect(go(demand)).toEqual({});
    demand.end(of('a', 'flood'));
    expect(go(demand)).toEqual({ flood: 1 });
  });

  test('a tenant with many channels takes neither all connections nor those kept for new tenants', () => {
    const demand = createDemand(places);
    for (const channel of ['a1', 'a2', 'a3']) demand.add(of('a', channel), 5000);
    expect(go(demand)).toEqual({ a1: 25, a2: 25, a3: 25 });
    demand.add(of('b', 'b1'), 5000);
    expect(go(demand)).toEqual({ b1: 15 });
    expect(demand.nextAt(0)).toBe(Number.POSITIVE_INFINITY);
    demand.add(of('c', 'c1'), 1);
    demand.add(of('d', 'd1'), 2);
    expect(go(demand)).toEqual({ c1: 1, d1: 1 });
    expect(demand.inFlight()).toBe(92);
  });

  test('a tenant with two channels gets no more than a tenant with one', () => {
    const demand = createDemand({ all: 40, perTenant: 30, perChannel: 20, spare: 0 });
    demand.add(of('a', 'a1'), 5000);
    demand.add(of('a', 'a2'), 5000);
    demand.add(of('b', 'b1'), 5000);
    expect(go(demand)).toEqual({ a1: 10, a2: 10, b1: 20 });
  });

  test('served channels go to the end, stopped ones wait, and those without room are skipped', () => {
    const demand = createDemand({ all: 1, perTenant: 1, perChannel: 1, spare: 0 });
    demand.add(of('a', 'a1'), 10);
    demand.add(of('a', 'a2'), 10);
    demand.add(of('b', 'b1'), 10);
    for (const expected of ['a1', 'b1', 'a2', 'b1', 'a1']) {
      expect(go(demand)).toEqual({ [expected]: 1 });
      expect(demand.take(0)).toEqual([]);
      demand.end(of(expected[0]!, expected));
    }
    for (const channel of ['a1', 'a2', 'b1']) demand.hold(of(channel[0]!, channel), 500);
    expect(demand.take(0)).toEqual([]);
    expect(demand.nextAt(0)).toBe(500);
    expect(go(demand, 500)).toEqual({ b1: 1 });
    expect(demand.nextAt(500)).toBe(Number.POSITIVE_INFINITY);
  });
});
