import { expect, test } from 'vitest';
import type { TestModule } from 'vitest/node';
import { closingLine, countRun } from './reporter.ts';

const oops = [{ message: 'oops' }];

/** As much of vitest's module as is counted. */
function module(states: string[], { errors = [] as object[], suiteErrors = [] as object[] } = {}): TestModule {
  return {
    errors: () => errors,
    children: {
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
      allSuites: () => [{ errors: () => suiteErrors }],
    },
  } as unknown as TestModule;
}

test('tests are counted by how they ended', () => {
  expect(countRun([module(['passed', 'failed', 'skipped']), module(['passed'])], [], 'failed')).toEqual({
    passed: 2,
    failed: 1,
    skipped: 1,
  });
});

test('a file that cannot be loaded, a broken hook and an uncaught error are failures', () => {
  const { failed } = countRun(
    [module([], { errors: oops }), module(['passed'], { suiteErrors: oops })],
    oops,
    'failed',
  );
  expect(failed).toBe(3);
});

test('tests that an interrupted run did not finish count as failures', () => {
  expect(countRun([module(['passed', 'pending'])], [], 'interrupted')).toMatchObject({ passed: 1, failed: 1 });
});

test('the closing line', () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 }, 0)).toBe('12 passed, 0 failed');
  expect(closingLine({ passed: 12, failed: 2, skipped: 1 }, 1)).toBe('12 passed, 2 failed, 1 skipped');
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 }, 1)).toBe('12 passed, 1 failed');
  expect(closingLine(null, 1)).toBe('0 passed, 1 failed');
});
