/**
 * Retries `attempt` until it succeeds, and resolves with its result.
 * @param options.timeoutMs until the last error is thrown (default 50 s, for busy machines)
 * @param options.everyMs pause between tries (default 25 ms)
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 50_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
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
