// Runs inside a copy of the tree: one vitest, and so one set of servers and one cache of compiled
// files, for many mutations.
import { join } from 'node:path';
import { createVitest, type TestModule } from 'vitest/node';
import type { Outcome, Request } from './run-tests.ts';

const root = process.cwd();
const vitest = await createVitest('test', { root, watch: false, reporters: [{}], passWithNoTests: true });

process.on('message', async ({ changed, tests, only }: Request) => {
  for (const file of changed) vitest.invalidateFile(join(root, file));
  if (only) vitest.setGlobalTestNamePattern(only);
  else vitest.resetGlobalTestNamePattern();
  try {
    const specifications = await vitest.globTestSpecifications([...tests]);
    const { testModules } = await vitest.runTestSpecifications(specifications);
    // It also returns what ran before.
    const asked = new Set(specifications.map(({ moduleId }) => moduleId));
    process.send?.(outcomeOf(testModules.filter(({ moduleId }) => asked.has(moduleId))));
  } catch (error) {
    process.send?.({ tests: [], errors: [String(error)] } satisfies Outcome);
  }
});
process.once('disconnect', async () => {
  await vitest.close();
  process.exit(0);
});

function outcomeOf(modules: readonly TestModule[]): Outcome {
  const outcome: Outcome = { tests: [], errors: [] };
  for (const module of modules) {
    for (const suite of [module, ...module.children.allSuites()]) {
      outcome.errors.push(...suite.errors().map(({ message }) => message));
    }
    for (const test of module.children.allTests()) {
      const { state, errors = [] } = test.result();
      outcome.tests.push({ name: test.fullName, state, errors: errors.map(({ message }) => message) });
    }
  }
  return outcome;
}
