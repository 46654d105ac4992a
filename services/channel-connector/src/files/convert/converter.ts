import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ConvertAnswer, Converted, ConvertTask } from './task.ts';

export interface Converter {
  /** @throws when the file cannot be read as what it is, or it takes too long */
  run(task: ConvertTask): Promise<Converted>;
  close(): void;
}

/** A task that takes longer ends with its process. */
const DEADLINE_MS = 60_000;
/** A process that was asked nothing for so long ends: with sharp it takes 60 MB. */
const IDLE_MS = 30_000;
/** Who runs as source has its program beside it as source, who runs as a bundle as a bundle. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './convert-child.mjs', import.meta.url),
);

interface Waiting {
  task: ConvertTask;
  resolve(result: Converted): void;
  reject(error: Error): void;
}

/**
 * Converts files one after the other in a process of its own, at low priority. What a file does to
 * that process is the failure of this file alone.
 */
export function createConverter({ deadlineMs = DEADLINE_MS, idleMs = IDLE_MS, program = PROGRAM } = {}): Converter {
  const waiting: Waiting[] = [];
  let child: ChildProcess | null = null;
  let current: (Waiting & { id: number; timer: NodeJS.Timeout }) | null = null;
  let idle: NodeJS.Timeout | undefined;
  let nextId = 0;

  function start(): ChildProcess {
    const started = fork(program, [], {
      // None of our secrets, and not our flags.
      env: { MALLOC_ARENA_MAX: '2' },
      execArgv: ['--max-semi-space-size=1'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    started.on('message', ({ id, result, error }: ConvertAnswer) => {
      if (child !== started || current?.id !== id) return;
      end(result ? null : new Error(error ?? 'unknown'), result);
    });
    const gone = () => {
      if (child !== started) return;
      child = null;
      if (current) end(new Error('The converting process ended'));
    };
    started.once('error', gone);
    started.once('exit', gone);
    return started;
  }

  function end(error: Error | null, result?: Converted): void {
    const done = current!;
    current = null;
    clearTimeout(done.timer);
    if (error) done.reject(error);
    else done.resolve(result!);
    next();
  }

  function next(): void {
    if (current) return;
    const task = waiting.shift();
    clearTimeout(idle);
    if (!task) {
      child?.unref();
      child?.channel?.unref();
      idle = setTimeout(stop, idleMs).unref();
      return;
    }
    child ??= start();
    child.ref();
    child.channel?.ref();
    const id = nextId++;
    const timer = setTimeout(() => {
      stop();
      if (current?.id === id) end(new Error(`It took longer than ${deadlineMs} ms`));
    }, deadlineMs);
    current = { ...task, id, timer };
    child.send({ id, task: task.task }, () => undefined);
  }

  function stop(): void {
    const old = child;
    child = null;
    old?.kill('SIGKILL');
  }

  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        waiting.push({ task, resolve, reject });
        next();
      }),
    close() {
      clearTimeout(idle);
      for (const { reject } of waiting.splice(0)) reject(new Error('The service stops'));
      stop();
      if (current) end(new Error('The service stops'));
    },
  };
}
