import { afterAll } from 'vitest';
import { leftovers, resources } from './resources.ts';

// A setup file of every level: what a test file opens it must close.
const before = resources();
// Declared before every hook of the file, so it runs after them.
afterAll(async () => {
  const left = await leftovers(before);
  if (left.length > 0) throw new Error(`This file leaves behind: ${left.join(', ')}. Close it in afterAll.`);
});
