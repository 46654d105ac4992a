/** A transaction as packages/database makes it. */
interface Tx {
  /** The pool it runs on. */
  readonly pool: object;
  onCommit(hook: () => void): void;
}

export interface CommitSignal<T> {
  /** Calls `hear` for each commit of these pools that was told of. Returns how to end that. */
  watch(pools: readonly object[], hear: (news: T) => void): () => void;
  /** Tells the watchers of the transaction's pool once it has committed. */
  tellAfter(tx: Tx, news: T): void;
  /** Tells the watchers of a pool now: its statement has committed. */
  tell(pool: object, news: T): void;
}

/** Takes news of commits to other parts of this process, by the pool that they ran on. */
export function createCommitSignal<T>(): CommitSignal<T> {
  const watchers = new WeakMap<object, Set<(news: T) => void>>();

  function tell(pool: object, news: T): void {
    for (const hear of watchers.get(pool) ?? []) hear(news);
  }

  return {
    watch(pools, hear) {
      for (const pool of pools) {
        const known = watchers.get(pool);
        if (known) known.add(hear);
        else watchers.set(pool, new Set([hear]));
      }
      return () => {
        for (const pool of pools) watchers.get(pool)?.delete(hear);
      };
    },
    tellAfter: (tx, news) => tx.onCommit(() => tell(tx.pool, news)),
    tell,
  };
}
