import { createWaker } from '@recado/loops';
import type { Log, Sql } from '../types.ts';
import type { InFlight } from './in-flight.ts';
import { markPublished } from './store.ts';

/** Notes in the database what the stream has acknowledged. */
export interface Marks {
  add(id: string, seq: number): void;
  /** Marks at once what is gathered. */
  hurry(): void;
}

interface MarksOptions {
  sql: Sql;
  stream: string;
  inFlight: InFlight;
  log: Log;
  highWater(): number;
  /** Whether nothing waits for the marks, so that more can be gathered. */
  mayGather(): boolean;
  isClosed(): boolean;
  /** There was no room in flight, and now there is. */
  onRoom(): void;
  /** The rows stay unsent in the database. */
  onFailed(): void;
}

/**
 * Marks are gathered so long. A statement costs the same for fifty; a lost mark is a repeat that
 * the stream drops.
 */
const GATHER_MS = 50;

export function createMarks(options: MarksOptions): Marks {
  const { sql, stream, inFlight, log, isClosed } = options;
  const waker = createWaker();
  /** Acknowledged and not yet marked: id → sequence. */
  let acked = new Map<string, number>();
  let running = false;

  /** One mark at a time; what is acknowledged during it goes into the next. */
  async function markAll(): Promise<void> {
    running = true;
    try {
      while (acked.size > 0 && !isClosed()) {
        if (options.mayGather()) await waker.sleep(GATHER_MS, { ignoreWakes: true });
        if (isClosed()) return;
        const batch = acked;
        acked = new Map();
        await markPublished(sql, stream, batch, options.highWater());
        const wasFull = inFlight.isFull();
        for (const id of batch.keys()) inFlight.delete(inFlight.get(id)!);
        if (wasFull) options.onRoom();
      }
    } catch (error) {
      // The lock's connection died or the database refuses: either way these rows are still unsent
      // in the database.
      if (!isClosed()) log.warn({ err: error, stream }, 'relay: could not mark what was published');
      options.onFailed();
    } finally {
      running = false;
    }
  }

  return {
    add(id, seq) {
      acked.set(id, seq);
      if (!running) void markAll();
    },
    hurry: waker.wake,
  };
}
