/** A queue for each key: a limited number run at once, the others follow in order of arrival. */
export interface KeyedSemaphore {
  /**
   * Waits for a place of the key.
   * @returns what frees the place; null after `waitMs`, or when too many wait already
   */
  take(key: string, width: number, waitMs: number): Promise<(() => void) | null>;
}

interface Queue {
  running: number;
  waiting: Set<() => void>;
}

/** @param maxWaiting over all keys */
export function createKeyedSemaphore(maxWaiting: number): KeyedSemaphore {
  const queues = new Map<string, Queue>();
  let waiting = 0;

  function end(key: string, queue: Queue): void {
    const [next] = queue.waiting;
    // A finished caller hands its place over, so `running` stays as it is.
    if (next) next();
    else if (--queue.running === 0) queues.delete(key);
  }

  return {
    take(key, width, waitMs) {
      const queue = queues.get(key) ?? { running: 0, waiting: new Set() };
      queues.set(key, queue);
      if (queue.running < width) {
        queue.running++;
        return Promise.resolve(() => end(key, queue));
      }
      if (waiting >= maxWaiting) return Promise.resolve(null);
      waiting++;
      return new Promise((resolve) => {
        const leave = () => {
          clearTimeout(timer);
          queue.waiting.delete(go);
          waiting--;
        };
        const go = () => {
          leave();
          resolve(() => end(key, queue));
        };
        const timer = setTimeout(() => {
          leave();
          resolve(null);
        }, waitMs);
        queue.waiting.add(go);
      });
    },
  };
}
