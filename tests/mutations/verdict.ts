import type { Outcome } from './run-tests.ts';

export type Verdict =
  /** A test failed by its assertion. */
  | { state: 'caught'; by: string[] }
  /** Every test passed: the guarantee is not tested. */
  | { state: 'survived' }
  /** The tests did not run, or ended only by a time limit: nothing is known. */
  | { state: 'broken'; why: string };

const TIMED_OUT = /^(Test|Hook) timed out in/;

/**
 * Judges a run. A file that cannot be loaded or a test that only times out does not count as
 * caught.
 */
export function judgeRun(outcome: Outcome | null): Verdict {
  if (!outcome) return { state: 'broken', why: 'the tests did not come to an end' };
  const failed = outcome.tests.filter(({ state }) => state === 'failed');
  const caught = failed.filter(({ errors }) => errors.some((message) => !TIMED_OUT.test(message)));
  if (caught.length > 0) return { state: 'caught', by: caught.map(({ name }) => name) };
  if (failed.length > 0) return { state: 'broken', why: `only a time limit ended "${failed[0]?.name}"` };
  if (outcome.errors.length > 0) return { state: 'broken', why: outcome.errors[0]?.split('\n')[0] ?? '' };
  if (!outcome.tests.some(({ state }) => state === 'passed')) return { state: 'broken', why: 'no test ran' };
  return { state: 'survived' };
}
