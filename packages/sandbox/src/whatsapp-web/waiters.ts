/** Calls that wait for the first code of a session. */
export interface Waiters {
  wait(name: string): Promise<void>;
  tell(name: string): void;
  /** Forgets all; their calls stay open. */
  clear(): void;
}

export function createWaiters(): Waiters {
  const waiting = new Map<string, (() => void)[]>();
  return {
    wait: (name) =>
      new Promise((resolve) => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
      }),
    tell(name) {
      for (const resolve of waiting.get(name) ?? []) resolve();
      waiting.delete(name);
    },
    clear: () => waiting.clear(),
  };
}
