/**
 * Callers at the same time share a call that begins after theirs: a thousand clients that come back
 * at once ask twice, and none gets an answer from before it asked.
 */
export function joinCalls<T>(call: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        const current = call();
        running = current;
        return current;
      });
    return next;
  };
}
