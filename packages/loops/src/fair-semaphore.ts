/** Places that keys share fairly: those beyond the places wait, each key in its own queue. */
export interface FairSemaphore {
  /**
   * Waits for a place.
   * @returns what frees the place; null when none came within `waitMs`, or too many wait already
   */
  take(key: string, waitMs: number): Promise<(() => void) | null>;
  /** Whether the key has all the places that one may have. */
  isAtLimit(key: string): boolean;
  /** How many wait, over all keys. */
  waiting(): number;
}

export interface FairSemaphoreOptions {
  places: number;
  /** Places of one key at most. */
  perKey: number;
  /** Places kept for keys that have none: a first one need not wait for the second of others. */
  spare: number;
  /** Over all keys; beyond it the newest of the longest queue is refused. */
  maxWaiting: number;
}

interface Queue {
  running: number;
  /** In the order of arrival. */
  waiting: Set<Waiter>;
  /**
   * Number of the last grant: of keys with as many places, the one that was served longest ago is
   * next.
   */
  served: number;
}
interface Waiter {
  resolve(end: (() => void) | null): void;
  timer?: NodeJS.Timeout;
}

/** Gives each free place to the waiting key that has the fewest. */
export function createFairSemaphore({ places, perKey, spare, maxWaiting }: FairSemaphoreOptions): FairSemaphore {
  const queues = new Map<string, Queue>();
  let running = 0;
  let waiting = 0;
  let grants = 0;

  const isFree = (queue: Queue) => queue.running < perKey && running < (queue.running === 0 ? places : places - spare);

  function findNext(): [string, Queue] | null {
    let next: [string, Queue] | null = null;
    for (const [key, queue] of queues) {
      if (queue.waiting.size === 0 || !isFree(queue)) continue;
      const best = next?.[1];
      if (!best || queue.running < best.running || (queue.running === best.running && queue.served < best.served)) {
        next = [key, queue];
      }
    }
    return next;
  }

  function leave(key: string, queue: Queue, waiter: Waiter): void {
    clearTimeout(waiter.timer);
    queue.waiting.delete(waiter);
    waiting--;
    forget(key, queue);
  }

  function forget(key: string, queue: Queue): void {
    if (queue.running === 0 && queue.waiting.size === 0) queues.delete(key);
  }

  function serve(): void {
    for (let next = findNext(); next; next = findNext()) {
      const [key, queue] = next;
      const [waiter] = queue.waiting;
      running++;
      queue.running++;
      queue.served = ++grants;
      leave(key, queue, waiter!);
      waiter!.resolve(() => {
        running--;
        queue.running--;
        forget(key, queue);
        serve();
      });
    }
  }

  /** The newest of the longest queue makes room; of equally long ones that of `own`. */
  function refuseOne(own: string): void {
    let longest: [string, Queue] = [own, queues.get(own)!];
    for (const entry of queues) if (entry[1].waiting.size > longest[1].waiting.size) longest = entry;
    const newest = [...longest[1].waiting].at(-1)!;
    leave(...longest, newest);
    newest.resolve(null);
  }

  return {
    take(key, waitMs) {
      const queue = queues.get(key) ?? { running: 0, waiting: new Set(), served: 0 };
      queues.set(key, queue);
      return new Promise((resolve) => {
        const waiter: Waiter = { resolve };
        queue.waiting.add(waiter);
        waiting++;
        serve();
        if (!queue.waiting.has(waiter)) return;
        waiter.timer = setTimeout(() => {
          leave(key, queue, waiter);
          resolve(null);
        }, waitMs);
        if (waiting > maxWaiting) refuseOne(key);
      });
    },
    waiting: () => waiting,
    isAtLimit: (key) => (queues.get(key)?.running ?? 0) >= perKey,
  };
}
