import type { RolePasswords } from './servers/migrate-all.ts';

/** What the global setup tells every test file. */
export interface TestContext {
  postgresUrl: string;
  /** Database with every service's migrations; test files get copies. */
  template: string;
  passwords: RolePasswords;
  natsUrl: string;
  natsAccounts: boolean;
  redisUrl: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    recado: TestContext;
  }
}

/** Number of this vitest worker, from 1; two files that run at the same time never share it. */
export const workerNumber = (): number => Number(process.env.VITEST_POOL_ID ?? 1);
