import { afterAll } from 'vitest';
import { forgetBus } from './bus.ts';
import { forgetRedis } from './redis.ts';
import { leftovers, resources } from './resources.ts';

// A setup file of vitest: runs before each test file. Files of one worker share their modules, not
// what they were given.
forgetBus();
forgetRedis();
const before = resources();
// Declared before every hook of the file, so it runs after them.
afterAll(async () => {
  const left = await leftovers(before);
  if (left.length > 0) throw new Error(`This file leaves behind: ${left.join(', ')}. Close it in afterAll.`);
});
