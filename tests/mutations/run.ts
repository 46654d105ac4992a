import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyTree } from './copy.ts';
import { MUTATIONS } from './list/index.ts';
import { applyMutation, type Mutation, sampleMutations } from './mutation.ts';
import { createTestRunner } from './run-tests.ts';
import { judgeRun, type Verdict } from './verdict.ts';

const HELP = `Breaks one guarantee after the other in a copy of the working tree. The tests must notice each.

  npm run test:mutations                        all; first the same tests on the code as it is
  npm run test:mutations -- --only purge-unread
  npm run test:mutations -- --sample 5          five, other ones for each commit
  npm run test:mutations -- --list`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    sample: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const chosen = chooseMutations();
if (values.help || values.list || chosen.length === 0) {
  console.log(values.list ? MUTATIONS.map(({ name, what }) => `${name.padEnd(28)} ${what}`).join('\n') : HELP);
  process.exit(values.help || values.list ? 0 : 2);
}

const copy = copyTree(ROOT);
const runner = createTestRunner(copy.dir);
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    stopped = true;
    runner.kill();
  });
}

let failures = 0;
try {
  // The sample runs beside `npm test`, which shows that they pass.
  if (!values.sample && !values.only) failures += await runUnbroken();
  if (failures === 0) {
    for (const mutation of chosen) if (!stopped && !(await tryMutation(mutation))) failures++;
  }
} finally {
  await runner.close();
  copy.remove();
}
console.log(stopped ? 'Stopped' : `${chosen.length} mutations, ${failures} not noticed`);
process.exit(failures > 0 || stopped ? 1 : 0);

function chooseMutations(): Mutation[] {
  if (values.only) return MUTATIONS.filter(({ name }) => values.only?.includes(name));
  if (!values.sample) return MUTATIONS;
  const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT }).toString().trim();
  return sampleMutations(MUTATIONS, Number(values.sample), commit);
}

/** A test that is red already would notice anything. */
async function runUnbroken(): Promise<number> {
  const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))];
  const verdict = judgeRun(await runner.run(tests));
  if (verdict.state === 'survived') return 0;
  console.error(`Without a mutation ${tests.length} test files should pass: ${describeVerdict(verdict)}`);
  return 1;
}

async function tryMutation(mutation: Mutation): Promise<boolean> {
  const path = join(copy.dir, mutation.file);
  const text = readFileSync(path, 'utf8');
  const started = performance.now();
  let verdict: Verdict;
  try {
    writeFileSync(path, applyMutation(text, mutation));
    verdict = judgeRun(await runner.run(mutation.tests, mutation));
  } catch (error) {
    verdict = { state: 'broken', why: error instanceof Error ? error.message : String(error) };
  } finally {
    writeFileSync(path, text);
  }
  const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  console.log(
    `${verdict.state.padEnd(9)} ${seconds.padStart(7)}  ${mutation.name.padEnd(28)} ${describeVerdict(verdict)}`,
  );
  if (verdict.state !== 'caught') console.log(`          ${mutation.what} (${mutation.file})`);
  return verdict.state === 'caught';
}

function describeVerdict(verdict: Verdict): string {
  if (verdict.state === 'survived') return `no test failed`;
  if (verdict.state === 'broken') return verdict.why;
  const more = verdict.by.length > 1 ? ` and ${verdict.by.length - 1} more` : '';
  return `${verdict.by[0]}${more}`;
}
