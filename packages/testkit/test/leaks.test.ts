import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startVitest } from 'vitest/node';

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** What a run of leaks/leaking.ts says of its file, under the setup file of every level. */
async function errorsOf(leak: string): Promise<string[]> {
  const vitest = await startVitest('test', [], {
    config: false,
    root: path('leaks/'),
    include: ['leaking.ts'],
    setupFiles: path('../src/leaks.ts'),
    env: { LEAK: leak },
    reporters: [{}],
    watch: false,
    maxWorkers: 1,
  });
  const [file] = vitest.state.getTestModules();
  const tests = [...file!.children.allTests()].map((test) => test.result().state);
  const errors = file!.errors().map(({ message }) => message);
  await vitest.close();
  expect(tests).toEqual(['passed']);
  return errors;
}

it('a file that leaves a server, a socket, a process and a worker fails, though its test passed', async () => {
  const [error, ...others] = await errorsOf('yes');
  expect(others).toEqual([]);
  for (const said of [
    'a listening server',
    'an open socket to port',
    'a running process (sleep 8)',
    'a running worker',
  ])
    expect(error).toContain(said);
});

it('a file that leaves nothing passes', async () => {
  expect(await errorsOf('')).toEqual([]);
});
