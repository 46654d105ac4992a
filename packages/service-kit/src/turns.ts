/** A line before each key: so many at once, the others one after the other as they came. */
export interface Turns {
  /**
   * Waits for a turn with the key.
   * @returns what ends the turn; null when it did not come within `waitMs`, or too many wait already
   */
  take(key: string, width: number, waitMs: number): Promise<(() => void) | null>;
}

interface Line {
  running: number;
  waiting: Set<() => void>;
}

/** @param maxWaiting over all keys */
export function createTurns(maxWaiting: number): Turns {
  const lines = new Map<string, Line>();
  let waiting = 0;

  function end(key: string, line: Line): void {
    const [next] = line.waiting;
    // Whoever ends hands the turn over, so `running` stays as it is.
    if (next) next();
    else if (--line.running === 0) lines.delete(key);
  }

  return {
    take(key, width, waitMs) {
      const line = lines.get(key) ?? { running: 0, waiting: new Set() };
      lines.set(key, line);
      if (line.running < width) {
        line.running++;
        return Promise.resolve(() => end(key, line));
      }
      if (waiting >= maxWaiting) return Promise.resolve(null);
      waiting++;
      return new Promise((resolve) => {
        const leave = () => {
          clearTimeout(timer);
          line.waiting.delete(go);
          waiting--;
        };
        const go = () => {
          leave();
          resolve(() => end(key, line));
        };
        const timer = setTimeout(() => {
          leave();
          resolve(null);
        }, waitMs);
        line.waiting.add(go);
      });
    },
  };
}
