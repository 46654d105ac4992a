import { defineConfig } from 'vitest/config';

// A NATS server that was given has one account: files must not share it at the same time.
const oneAtATime = Boolean(process.env.RECADO_TEST_NATS_URL);

export default defineConfig({
  test: {
    include: ['{packages,services,infra,tests,bench,scripts}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '.data/**'],
    globalSetup: './packages/testkit/src/global-setup.ts',
    pool: 'forks',
    maxWorkers: oneAtATime ? 1 : 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    reporters: ['default', './packages/testkit/src/reporter.ts'],
  },
});
