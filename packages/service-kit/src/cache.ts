import { LRUCache } from 'lru-cache';

/**
 * Keeps the `max` entries used last, each for `ttl` ms. Takes memory as it fills: with lru-cache's
 * own `max`, places for all entries are made at once, 5 MB in the gateway.
 */
export function createCache<K extends {}, V extends {}>({ max, ttl }: { max: number; ttl?: number }): LRUCache<K, V> {
  return new LRUCache<K, V>({ maxSize: max, sizeCalculation: () => 1, ...(ttl === undefined ? {} : { ttl }) });
}
