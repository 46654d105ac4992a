/**
 * The latest `capacity` ids of messages that sockets have had. After JetStream lost its store the
 * outboxes publish 72 hours again, and known ids are not shown a second time.
 */
export interface SeenEvents {
  add(id: string): void;
  has(id: string): boolean;
  readonly size: number;
}

/** Two generations of a Set: dropping the older one is the whole eviction. */
export function createSeenEvents(capacity = 100_000): SeenEvents {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    add(id) {
      if (young.has(id)) return;
      young.add(id);
      if (young.size >= capacity) {
        old = young;
        young = new Set();
      }
    },
    has: (id) => young.has(id) || old.has(id),
    get size() {
      return young.size + old.size;
    },
  };
}
