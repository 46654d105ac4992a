import { defineConfig } from 'vitest/config';
import LongestFirst from './packages/testkit/src/sequencer.ts';

// A NATS server that was given has one account: files must not share it at the same time.
const oneAtATime = Boolean(process.env.RECADO_TEST_NATS_URL);
const exclude = ['**/node_modules/**', '**/dist/**', '.data/**'];
// Minutes each: `npm run test:faults` runs them, and so does the night.
const longFaults = process.env.RECADO_LONG_FAULTS ? [] : ['tests/system/faults/{clocks,floods,stuck-servers}.test.ts'];
const setupFiles = ['./packages/testkit/src/each-file.ts', './packages/testkit/src/leaks.ts'];

export default defineConfig({
  test: {
    pool: 'forks',
    // Node reads drizzle's package.json (180 kB) once for each of its 120 modules: 1.5 s.
    server: { deps: { inline: [/drizzle-orm/] } },
    // Tests wait more than they compute: three files keep two cores busy.
    maxWorkers: oneAtATime ? 1 : Number(process.env.RECADO_TEST_WORKERS ?? 3),
    // They end what hangs. A busy machine is no failure.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    expect: { poll: { timeout: 50_000 } },
    reporters: ['default', './packages/testkit/src/reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            '{packages,services}/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'tests/{mutations,support}/**/*.test.ts',
            'tests/system/faults/{verdict,sends-verdict}.test.ts',
          ],
          exclude,
          isolate: false,
          setupFiles: './packages/testkit/src/unit-level.ts',
          expect: { poll: { interval: 5, timeout: 50_000 } },
        },
      },
      {
        extends: true,
        test: {
          name: 'service',
          include: ['{packages,services}/*/test/**/*.test.ts', 'infra/**/*.test.ts'],
          exclude: [...exclude, 'infra/local/test/mesh.test.ts'],
          isolate: false,
          setupFiles,
          globalSetup: './packages/testkit/src/global-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/{acceptance,system}/**/*.test.ts', 'infra/local/test/mesh.test.ts'],
          exclude: [...exclude, 'tests/system/faults/{verdict,sends-verdict}.test.ts', ...longFaults],
          isolate: false,
          // Commands and meshes start many processes.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          setupFiles,
          globalSetup: ['./packages/testkit/src/global-setup.ts', './tests/support/system-setup.ts'],
        },
      },
    ],
  },
});
