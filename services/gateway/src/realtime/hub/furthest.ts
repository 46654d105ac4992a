/**
 * Remembers how far each item got. A server that dies in the middle may put an earlier event behind
 * a later one, and clients show the last one they get.
 */
export interface Furthest<R extends number | string> {
  /** How far it is now that `rank` was seen too: `rank` itself unless a later one came before. */
  reach(key: string, rank: R): R;
}

/** Remembers the latest `capacity` keys at least, twice as many at most. */
export function createFurthest<R extends number | string>(capacity = 50_000): Furthest<R> {
  let young = new Map<string, R>();
  let old = new Map<string, R>();
  return {
    reach(key, rank) {
      const known = young.get(key) ?? old.get(key);
      const furthest = known === undefined || rank > known ? rank : known;
      young.set(key, furthest);
      if (young.size >= capacity) {
        old = young;
        young = new Map();
      }
      return furthest;
    },
  };
}
