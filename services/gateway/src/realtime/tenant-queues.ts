import { setImmediate as nextTurn } from 'node:timers/promises';

export interface TenantQueues<T> {
  /** Puts an item behind the tenant's others. */
  push(tenantId: string, item: T): void;
  /** Resolves when nothing waits and nothing is being handled. */
  idle(): Promise<void>;
}

interface Queue<T> {
  waiting: T[];
  dropped: { last: T } | null;
  done: Promise<void>;
}

export interface TenantQueueOptions<T> {
  /**
   * Handles some items of one tenant, in their order. What it throws is its own affair: it must
   * not.
   */
  handle(tenantId: string, items: T[]): Promise<void>;
  /** So much waited that all of it was dropped, up to this item. Called in the items' own order. */
  onOverflow(tenantId: string, last: T): void;
  batchSize?: number;
  maxWaiting?: number;
}

/**
 * A queue for each tenant keeps its order, and a slow tenant delays no other. Between batches the
 * event loop does other work, so one tenant's flood does not block the rest.
 */
export function createTenantQueues<T>(options: TenantQueueOptions<T>): TenantQueues<T> {
  const { handle, onOverflow, batchSize = 64, maxWaiting = 5_000 } = options;
  const queues = new Map<string, Queue<T>>();

  async function drain(tenantId: string, queue: Queue<T>): Promise<void> {
    while (queue.waiting.length > 0) {
      await handle(tenantId, queue.waiting.splice(0, batchSize));
      if (queue.dropped) onOverflow(tenantId, queue.dropped.last);
      queue.dropped = null;
      if (queue.waiting.length > 0) await nextTurn();
    }
    queues.delete(tenantId);
  }

  return {
    push(tenantId, item) {
      const queue = queues.get(tenantId);
      if (!queue) {
        const made: Queue<T> = { waiting: [item], dropped: null, done: Promise.resolve() };
        queues.set(tenantId, made);
        made.done = drain(tenantId, made);
      } else if (queue.waiting.push(item) > maxWaiting) {
        queue.waiting.length = 0;
        queue.dropped = { last: item };
      }
    },
    async idle() {
      while (queues.size > 0) await Promise.all([...queues.values()].map(({ done }) => done));
    },
  };
}
