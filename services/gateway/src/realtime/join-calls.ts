/**
 * Simultaneous callers share one call that begins after theirs. A thousand clients that return at
 * once ask twice, and no answer is older than its question.
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
