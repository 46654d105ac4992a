import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Counts a run. Also failures: a file that cannot be loaded, a suite with failed hooks, an uncaught
 * error, and a test that a cut-short run never finished.
 */
export function countRun(
  modules: readonly TestModule[],
  unhandled: readonly SerializedError[],
  reason: TestRunEndReason,
): Totals {
  const totals: Totals = { passed: 0, failed: unhandled.length, skipped: 0 };
  for (const module of modules) {
    if (module.errors().length > 0) totals.failed++;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) totals.failed++;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') totals.passed++;
      else if (state === 'failed') totals.failed++;
      else if (state === 'pending' && reason === 'interrupted') totals.failed++;
      else totals.skipped++;
    }
  }
  return totals;
}

/**
 * `12 passed, 0 failed`, with `, 1 skipped` if any. A run that ended badly has at least one
 * failure.
 */
export function closingLine(totals: Totals | null, exitCode: number): string {
  const { passed, failed, skipped } = totals ?? { passed: 0, failed: 0, skipped: 0 };
  const failures = exitCode !== 0 ? Math.max(failed, 1) : failed;
  return `${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * Prints the closing line as the very last output of the process, also when the run broke before
 * any test.
 */
export default class ClosingLineReporter implements Reporter {
  private totals: Totals | null = null;

  onInit(): void {
    process.once('exit', (code) => {
      process.stdout.write(`${closingLine(this.totals, code)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: TestRunEndReason): void {
    this.totals = countRun(modules, unhandled, reason);
    // Checks of .ci/run that failed before the tests began belong to the same sum.
    this.totals.failed += Number(process.env.RECADO_CHECKS_FAILED ?? 0);
    if (this.totals.failed > 0) process.exitCode ||= 1;
  }
}
