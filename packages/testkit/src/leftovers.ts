import { afterAll } from 'vitest';
import { leftovers, resources } from './resources.ts';

/** What the test file opens from here on it must close. Call this before the file's own hooks. */
export function failOnLeftovers(): void {
  const before = resources();
  // Declared before every hook of the file, so it runs after them.
  afterAll(async () => {
    const left = await leftovers(before);
    if (left.length > 0) throw new Error(`This file leaves behind: ${left.join(', ')}. Close it in afterAll.`);
  });
}
