import { Unavailable } from '../http/errors.ts';

export interface GroupOptions<Item, Result> {
  /** Batches that may run at once. 2 keeps the disk busy while the next batch gathers. */
  maxInFlight?: number;
  /**
   * Items that must wait before a batch runs beside another; by default one. More makes fewer and
   * larger batches of the same load.
   */
  besideFrom?: number;
  /** Items in a batch at most. */
  maxBatch?: number;
  /** What an item weighs, and what a batch holds at most; an item that weighs more goes alone. */
  weigh?(item: Item): number;
  maxWeight?: number;
  /**
   * The key of an item. When not all waiting items fit into a batch, keys are served round-robin.
   */
  keyOf?(item: Item): string;
  /**
   * Items that may wait; more are refused with Unavailable, so that overload shows instead of
   * growing.
   */
  maxWaiting?: number;
  /**
   * Does the durable work for all of them and returns one result per item, in order. A throw
   * rejects this batch alone.
   */
  run(items: Item[]): Promise<Result[]>;
}

export interface Group<Item, Result> {
  /** Joins the next batch; settles when that batch is done. */
  add(item: Item): Promise<Result>;
  /**
   * The same without a promise, where one for each item is worth sparing. Calls back once, later;
   * `settle` must not throw.
   */
  push(item: Item, settle: Settle<Result>): void;
  /** Settles when nothing waits and nothing runs. */
  drain(): Promise<void>;
  /** For metrics. */
  stats(): { waiting: number; inFlight: number };
}

/** Gets the result, or null and why there is none. */
export type Settle<Result> = (error: unknown, result: Result | null) => void;

interface Waiting<Item, Result> {
  item: Item;
  settle: Settle<Result>;
}

/**
 * Group commit: callers that arrive while earlier batches run share the next one. Without a timer:
 * a single item goes at once, and under load batches grow with the round trip.
 */
export function createGroup<Item, Result>(options: GroupOptions<Item, Result>): Group<Item, Result> {
  const { run, maxInFlight = 2, besideFrom = 1, maxBatch = 512, maxWaiting = 20_000 } = options;
  const { weigh = () => 1, keyOf = () => '', maxWeight = Number.POSITIVE_INFINITY } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let waitingWeight = 0;
  let inFlight = 0;
  let scheduled = false;
  let drained: (() => void)[] = [];

  const mayRun = () => inFlight < maxInFlight && waiting.length >= (inFlight === 0 ? 1 : besideFrom);

  function pump(): void {
    scheduled = false;
    while (mayRun()) {
      const batch = takeBatch();
      inFlight++;
      void settle(batch);
    }
    if (inFlight === 0 && waiting.length === 0) {
      for (const done of drained) done();
      drained = [];
    }
  }

  function takeBatch(): Waiting<Item, Result>[] {
    const all = waiting;
    if (all.length <= maxBatch && waitingWeight <= maxWeight) {
      waiting = [];
      waitingWeight = 0;
      return all;
    }
    const batch = new Set<Waiting<Item, Result>>();
    let weight = 0;
    for (const entry of roundRobin(all, ({ item }) => keyOf(item))) {
      const more = weigh(entry.item);
      if (batch.size === maxBatch || (batch.size > 0 && weight + more > maxWeight)) break;
      batch.add(entry);
      weight += more;
    }
    waiting = all.filter((entry) => !batch.has(entry));
    waitingWeight -= weight;
    return [...batch];
  }

  async function settle(batch: Waiting<Item, Result>[]): Promise<void> {
    let results: Result[] = [];
    let failure: unknown = null;
    try {
      results = await run(batch.map((entry) => entry.item));
      if (results.length !== batch.length) {
        throw new Error(`A group of ${batch.length} came back with ${results.length} results`);
      }
    } catch (error) {
      failure = error ?? new Error('A group failed without a reason');
    }
    inFlight--;
    try {
      for (let i = 0; i < batch.length; i++) batch[i]!.settle(failure, failure === null ? results[i]! : null);
    } finally {
      pump();
    }
  }

  function push(item: Item, settle: Settle<Result>): void {
    if (waiting.length >= maxWaiting) {
      setImmediate(settle, new Unavailable('capacity', undefined, 'Too much is waiting'), null);
      return;
    }
    waiting.push({ item, settle });
    waitingWeight += weigh(item);
    // After this turn of the event loop, so that items of the same poll share the batch. It waits
    // for nothing that is not here yet.
    if (!scheduled && mayRun()) {
      scheduled = true;
      setImmediate(pump);
    }
  }

  return {
    push,
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        push(item, (error, result) => (error === null ? resolve(result as Result) : reject(error)));
      }),
    drain() {
      if (inFlight === 0 && waiting.length === 0) return Promise.resolve();
      return new Promise((resolve) => drained.push(resolve));
    },
    stats: () => ({ waiting: waiting.length, inFlight }),
  };
}

/** Of each key its first entry, then of each the next, and so on. */
function* roundRobin<T>(entries: readonly T[], keyOf: (entry: T) => string): Generator<T> {
  const lines = [...Map.groupBy(entries, keyOf).values()];
  const longest = Math.max(...lines.map((line) => line.length));
  for (let turn = 0; turn < longest; turn++) {
    for (const line of lines) if (turn < line.length) yield line[turn]!;
  }
}
