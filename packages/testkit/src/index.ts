export { createSandboxControl, type Sandbox, type SandboxControl, startSandbox } from '@recado/sandbox';
export { testBus, wipeStreams } from './bus.ts';
export type { TestContext } from './context.ts';
export { type TestDatabase, testDatabase } from './database.ts';
export { eventually } from './eventually.ts';
export { internalCaller, internalEnv, internalToken, internalTokens, TEST_CALLERS, testLogger } from './internal.ts';
export { testRedis } from './redis.ts';
export type { StatefulService } from './servers/migrate-all.ts';
