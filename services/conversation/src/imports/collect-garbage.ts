/** Chunks between two collections. */
const EVERY = 10;

/**
 * Collects the garbage of ten chunks, where the process allows it (`--expose-gc`). V8 waits until
 * the heap has five times its size, and 100,000 rows would leave it at 300 MB.
 */
export function collectGarbage(chunk: number): void {
  if (chunk % EVERY === EVERY - 1) globalThis.gc?.({ type: 'major', execution: 'async' });
}
