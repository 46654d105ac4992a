import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Mutation } from './mutation.ts';

/** What a host is asked to do. */
export interface Request {
  /** Files that are not as they were at the last run. */
  changed: string[];
  tests: readonly string[];
  only?: string | undefined;
}

/** What became of a run. */
export interface Outcome {
  tests: { name: string; state: string; errors: string[] }[];
  /** Of files and suites that could not be loaded or set up. */
  errors: string[];
}

/** The longest that one test file may take. */
const LIMIT_MS = 180_000;
/** Code that vitest's own process has loaded: it migrates the databases of the tests. */
const IN_HOST = /^packages\/(database|testkit)\//;

/** The mesh of the system level is built once for each host, of the code as it is then. */
const needsMesh = (test: string) => /^tests\/(acceptance|system\/(e2e|fuzz|security))\//.test(test);

export interface TestRunner {
  /** Null when the run did not come to an end. */
  run(tests: readonly string[], mutation?: Mutation): Promise<Outcome | null>;
  /** Ends the run that is under way, with its workers and servers. */
  kill(): void;
  close(): Promise<void>;
}

/** Runs test files in a copy of the tree, in one process as long as that is possible. */
export function createTestRunner(dir: string): TestRunner {
  let host: ChildProcess | null = null;
  /** The file of the last mutation: it stands in the host's cache. */
  let stale: string[] = [];

  function kill(): void {
    if (host?.pid) process.kill(-host.pid, 'SIGKILL');
    host = null;
  }

  async function close(): Promise<void> {
    const ending = host;
    host = null;
    if (!ending || ending.exitCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.disconnect();
    await ended;
  }

  function start(): ChildProcess {
    const output = process.env.RECADO_MUTATIONS_VERBOSE ? 'inherit' : 'ignore';
    return fork(join(dir, 'tests/mutations/host.ts'), {
      cwd: dir,
      stdio: ['ignore', output, output, 'ipc'],
      detached: true, // its own group: workers go with it
      env: { ...process.env, CI: 'true' },
    });
  }

  return {
    kill,
    close,
    async run(tests, mutation) {
      const changed = mutation ? [mutation.file] : [];
      const atStart = [...stale, ...changed].some((file) => IN_HOST.test(file)) || tests.some(needsMesh);
      if (atStart) await close();
      host ??= start();
      const asked = host;
      const answer = new Promise<Outcome | null>((resolve) => {
        const onExit = () => resolve(null);
        asked.once('exit', onExit);
        asked.once('message', (outcome) => {
          asked.off('exit', onExit);
          resolve(outcome as Outcome);
        });
      });
      const timer = setTimeout(kill, LIMIT_MS * tests.length);
      asked.send({ changed: [...stale, ...changed], tests, only: mutation?.only } satisfies Request);
      stale = changed;
      const outcome = await answer;
      clearTimeout(timer);
      if (!outcome) host = null;
      return outcome;
    },
  };
}
