import { expect, it } from 'vitest';
import { createCommitSignal } from './commits.ts';

/** A transaction of a pool that commits when it is told to. */
function transaction(pool: object) {
  const hooks: (() => void)[] = [];
  return {
    pool,
    onCommit: (hook: () => void) => void hooks.push(hook),
    commit: () => {
      for (const hook of hooks) hook();
    },
  };
}

it('News are told after the commit, to the watchers of that pool alone, until they end', () => {
  const [ours, others] = [{}, {}];
  const signal = createCommitSignal<string>();
  const heard: string[] = [];
  const unwatch = signal.watch([ours], (news) => heard.push(news));
  const [tx, rolledBack, foreign] = [transaction(ours), transaction(ours), transaction(others)];
  signal.tellAfter(tx, 'first');
  signal.tellAfter(rolledBack, 'never');
  signal.tellAfter(foreign, 'foreign');
  expect(heard).toEqual([]);
  tx.commit();
  foreign.commit();
  signal.tell(ours, 'second');
  expect(heard).toEqual(['first', 'second']);
  unwatch();
  signal.tell(ours, 'third');
  expect(heard).toEqual(['first', 'second']);
});
