import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './list/index.ts';
import { applyMutation, sampleMutations } from './mutation.ts';
import { judgeRun } from './verdict.ts';

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

describe('the list of mutations', () => {
  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
    '%s applies to the code',
    (_name, mutation) => {
      const text = readFileSync(path(mutation.file), 'utf8');
      expect(applyMutation(text, mutation)).not.toBe(text);
      expect(mutation.tests.filter((file) => !existsSync(path(file)))).toEqual([]);
    },
  );

  it('has one name for each', () => {
    const names = MUTATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a mutation', () => {
  const mutation = { name: 'x', what: '', file: 'a.ts', find: 'b', replace: "$&'", tests: [] };

  it('is refused when its place is missing or not unique', () => {
    expect(() => applyMutation('a', mutation)).toThrow('stands 0 times in a.ts');
    expect(() => applyMutation('b b', mutation)).toThrow('stands 2 times in a.ts');
  });

  it('inserts its text unchanged', () => {
    expect(applyMutation('abc', mutation)).toBe("a$&'c");
  });
});

it('a sample is the same for the same commit and another one for the next', () => {
  const names = (seed: string) => sampleMutations(MUTATIONS, 5, seed).map(({ name }) => name);
  expect(names('a1')).toEqual(names('a1'));
  expect(names('a1')).toHaveLength(5);
  const seen = new Set(Array.from({ length: 100 }, (_, i) => names(`commit ${i}`)).flat());
  expect(seen.size).toBe(MUTATIONS.filter(({ slow }) => !slow).length);
});

describe('the verdict on a run', () => {
  const outcome = (state: string, ...errors: string[]) => ({ tests: [{ name: 'a b', state, errors }], errors: [] });

  it('is caught when a test failed by its assertion', () => {
    expect(judgeRun(outcome('failed', 'expected 1 to be 2'))).toEqual({ state: 'caught', by: ['a b'] });
  });

  it('is survived when every test passed', () => {
    expect(judgeRun(outcome('passed'))).toEqual({ state: 'survived' });
  });

  it('is broken when only a time limit ended it, when a file does not load, and without tests', () => {
    expect(judgeRun(outcome('failed', 'Test timed out in 30000ms.')).state).toBe('broken');
    expect(judgeRun({ tests: [], errors: ['SyntaxError: …'] }).state).toBe('broken');
    expect(judgeRun(outcome('skipped')).state).toBe('broken');
    expect(judgeRun(null).state).toBe('broken');
  });
});
