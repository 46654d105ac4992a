/** Places that keys share fairly: those beyond the places wait, each key in its own line. */
export interface FairTurns {
  /**
   * Waits for a place.
   * @returns what frees the place; null when none came within `waitMs`, or too many wait already
   */
  take(key: string, waitMs: number): Promise<(() => void) | null>;
  /** Whether the key has all the places that one may have. */
  isAtLimit(key: string): boolean;
}

export interface FairTurnsOptions {
  places: number;
  /** Places of one key at most. */
  perKey: number;
  /** Places kept for keys that have none: a first one need not wait for the second of others. */
  spare: number;
  /** Over all keys; beyond it the newest of the longest line is refused. */
  maxWaiting: number;
}

interface Line {
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
export function createFairTurns({ places, perKey, spare, maxWaiting }: FairTurnsOptions): FairTurns {
  const lines = new Map<string, Line>();
  let running = 0;
  let waiting = 0;
  let grants = 0;

  const isFree = (line: Line) => line.running < perKey && running < (line.running === 0 ? places : places - spare);

  function findNext(): [string, Line] | null {
    let next: [string, Line] | null = null;
    for (const [key, line] of lines) {
      if (line.waiting.size === 0 || !isFree(line)) continue;
      const best = next?.[1];
      if (!best || line.running < best.running || (line.running === best.running && line.served < best.served)) {
        next = [key, line];
      }
    }
    return next;
  }

  function leave(key: string, line: Line, waiter: Waiter): void {
    clearTimeout(waiter.timer);
    line.waiting.delete(waiter);
    waiting--;
    forget(key, line);
  }

  function forget(key: string, line: Line): void {
    if (line.running === 0 && line.waiting.size === 0) lines.delete(key);
  }

  function serve(): void {
    for (let next = findNext(); next; next = findNext()) {
      const [key, line] = next;
      const [waiter] = line.waiting;
      running++;
      line.running++;
      line.served = ++grants;
      leave(key, line, waiter!);
      waiter!.resolve(() => {
        running--;
        line.running--;
        forget(key, line);
        serve();
      });
    }
  }

  /** The newest of the longest line makes room; of equally long ones that of `own`. */
  function refuseOne(own: string): void {
    let longest: [string, Line] = [own, lines.get(own)!];
    for (const entry of lines) if (entry[1].waiting.size > longest[1].waiting.size) longest = entry;
    const newest = [...longest[1].waiting].at(-1)!;
    leave(...longest, newest);
    newest.resolve(null);
  }

  return {
    take(key, waitMs) {
      const line = lines.get(key) ?? { running: 0, waiting: new Set(), served: 0 };
      lines.set(key, line);
      return new Promise((resolve) => {
        const waiter: Waiter = { resolve };
        line.waiting.add(waiter);
        waiting++;
        serve();
        if (!line.waiting.has(waiter)) return;
        waiter.timer = setTimeout(() => {
          leave(key, line, waiter);
          resolve(null);
        }, waitMs);
        if (waiting > maxWaiting) refuseOne(key);
      });
    },
    isAtLimit: (key) => (lines.get(key)?.running ?? 0) >= perKey,
  };
}
