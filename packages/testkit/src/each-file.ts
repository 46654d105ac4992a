import { forgetBus } from './bus.ts';
import { forgetRedis } from './redis.ts';

// A setup file of vitest: runs before each test file. Files of one worker share their modules, not
// what they were given.
forgetBus();
forgetRedis();
