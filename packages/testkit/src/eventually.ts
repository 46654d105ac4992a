/**
 * Waits until `attempt` neither throws nor rejects, and resolves with what it gave: for what happens in its own time.
 * @param options.timeoutMs after which the last error is thrown, with the time waited (default 30 s: a busy machine is no failure).
 * @param options.everyMs pause between tries (default 25 ms).
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= deadline) {
        if (error instanceof Error) error.message = `Not so within ${timeoutMs} ms: ${error.message}`;
        throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
