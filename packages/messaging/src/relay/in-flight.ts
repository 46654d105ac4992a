import type { UnsentRow } from './store.ts';

// A row has a few hundred bytes, or up to 256 KiB. Both numbers limit what is in memory at once.
const MAX_ROWS = 512;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * The rows on their way: from their read, or their commit in this process, until their mark is in
 * the database.
 */
export interface InFlight {
  add(row: UnsentRow): void;
  delete(row: UnsentRow): void;
  get(id: string): UnsentRow | undefined;
  ids(): Iterable<string>;
  size(): number;
  /** How many rows more are taken; their bytes do not count here. */
  room(): number;
  isFull(): boolean;
  /**
   * Reads rows; `isDue` tells whether one of them has still to be sent: it may have been marked
   * during the read.
   */
  during<T>(read: () => Promise<T>): Promise<{ found: T; isDue(row: UnsentRow): boolean }>;
  /** Resolves when nothing is in flight, or at stopWaiting(). */
  empty(): Promise<void>;
  stopWaiting(): void;
}

export function createInFlight(): InFlight {
  const rows = new Map<string, UnsentRow>();
  let bytes = 0;
  let waiters: (() => void)[] = [];
  /** Rows deleted during the read under way; null while there is none. */
  let deleted: Set<string> | null = null;

  function stopWaiting(): void {
    for (const waiter of waiters) waiter();
    waiters = [];
  }

  return {
    add(row) {
      rows.set(row.id, row);
      bytes += row.envelope.length;
    },
    delete(row) {
      if (rows.delete(row.id)) bytes -= row.envelope.length;
      deleted?.add(row.id);
      if (rows.size === 0) stopWaiting();
    },
    get: (id) => rows.get(id),
    ids: () => rows.keys(),
    size: () => rows.size,
    room: () => MAX_ROWS - rows.size,
    isFull: () => rows.size >= MAX_ROWS || bytes >= MAX_BYTES,
    async during(read) {
      const marked = new Set<string>();
      deleted = marked;
      const found = await read().finally(() => {
        deleted = null;
      });
      return { found, isDue: ({ id }) => !rows.has(id) && !marked.has(id) };
    },
    empty: () => (rows.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    stopWaiting,
  };
}
