/**
 * Of several states of each thing the latest one, sorted by thing: batches that are written at the
 * same time then lock rows in one order. `when`: a text that sorts by time.
 */
export function latestOf<T>(states: readonly T[], keyOf: (state: T) => string, when: (state: T) => string): T[] {
  const latest = new Map<string, T>();
  for (const state of states) {
    const key = keyOf(state);
    const known = latest.get(key);
    if (!known || when(known) <= when(state)) latest.set(key, state);
  }
  return [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
}
