import fc from 'fast-check';
import { LRUCache } from 'lru-cache';
import { describe, expect, test } from 'vitest';
import { createCache } from './cache.ts';

type Step = { call: 'set' | 'get' | 'delete'; key: string };
const step: fc.Arbitrary<Step> = fc.record({
  call: fc.constantFrom('set', 'set', 'get', 'delete'),
  key: fc.constantFrom(...'abcdefgh'),
});

describe('createCache', () => {
  test('keeps and drops the same entries as a cache that makes all places at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 60 }), (max, steps) => {
        const [ours, theirs] = [createCache<string, number>({ max }), new LRUCache<string, number>({ max })];
        steps.forEach(({ call, key }, at) => {
          for (const cache of [ours, theirs]) {
            if (call === 'set') cache.set(key, at);
            else cache[call](key);
          }
          expect([...ours.entries()]).toEqual([...theirs.entries()]);
        });
      }),
    );
  });

  test('forgets an entry after its ttl', async () => {
    const cache = createCache<string, true>({ max: 10, ttl: 1 });
    cache.set('a', true);
    await expect.poll(() => cache.get('a')).toBeUndefined();
  });
});
