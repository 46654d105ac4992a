import type { ScriptEntry } from '../control/schemas.ts';

export interface Script {
  add(entry: ScriptEntry): void;
  /** Takes the first entry that fits; entries used up leave. */
  take(lastUser: string, system: string): ScriptEntry | null;
  size(): number;
  clear(): void;
}

const MAX_ENTRIES = 10_000;

/** Answers queued through the control API, tried in the order they came. */
export function createScript(): Script {
  let entries: { entry: ScriptEntry; left: number }[] = [];
  return {
    add(entry) {
      entries.push({ entry, left: entry.times ?? Number.POSITIVE_INFINITY });
      if (entries.length > MAX_ENTRIES) entries.shift();
    },
    take(lastUser, system) {
      const found = entries.find(
        ({ entry }) => entry.match === undefined || lastUser.includes(entry.match) || system.includes(entry.match),
      );
      if (!found) return null;
      if (--found.left <= 0) entries = entries.filter((one) => one !== found);
      return found.entry;
    },
    size: () => entries.length,
    clear() {
      entries = [];
    },
  };
}
