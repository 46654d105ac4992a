import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { hash, verify } from '@node-rs/argon2';
import type { Logger } from '@recado/service-kit';
import { ARGON, type HashingAnswer, type HashingTask } from './hashing-task.ts';

export interface Hashing {
  hash(password: string): Promise<string>;
  verify(stored: string, password: string): Promise<boolean>;
  /** Ends the process; what is asked afterwards starts another. */
  close(): void;
}

interface Waiting {
  task: HashingTask;
  /** Processes that have died over it. */
  deaths: number;
  resolve(answer: HashingAnswer): void;
}

/**
 * A process that was asked nothing for so long ends: it takes as much memory as a small service.
 */
const IDLE_MS = 60_000;
/**
 * Beside work that wants the processor a hash gets about a tenth of what that gets, and all of it
 * when nothing else does.
 */
const GIVES_WAY = 10;
/** Who runs as source has its program beside it as source, who runs as a bundle as a bundle. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './hashing-child.ts' : './hashing-child.mjs', import.meta.url),
);

export interface HashingOptions {
  idleMs?: number;
  program?: string;
  /** Priority of the process, 0 to 19: 10 makes it wait for everything else. */
  niceness?: number;
}

/**
 * Hashes in a process of its own at low priority: on threads, 200 log-ins slowed other requests. A
 * dead one is replaced. docs/decisions/2026-11-28-hashing-in-a-process-of-its-own.md
 */
export function startHashing(
  log: Pick<Logger, 'warn'>,
  { idleMs = IDLE_MS, program = PROGRAM, niceness = GIVES_WAY }: HashingOptions = {},
): Hashing {
  let child: ChildProcess | null = null;
  let next = 0;
  let warned = false;
  let idle: NodeJS.Timeout | undefined;
  const waiting = new Map<number, Waiting>();

  function start(): ChildProcess {
    const started = fork(program, [`${niceness}`], {
      // None of our secrets, and not our flags: its heap is a few megabytes.
      env: { MALLOC_ARENA_MAX: '2' },
      execArgv: ['--max-semi-space-size=1'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    started.on('message', (answer: HashingAnswer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      asked?.resolve(answer);
      if (waiting.size === 0) rest(started);
    });
    const gone = () => {
      if (child === started) forget();
    };
    started.once('error', gone);
    started.once('exit', gone);
    return started;
  }

  /** Nothing that waits for it keeps this process alive. */
  function rest(process: ChildProcess): void {
    process.unref();
    process.channel?.unref();
    clearTimeout(idle);
    idle = setTimeout(close, idleMs).unref();
  }

  function close(): void {
    clearTimeout(idle);
    if (child?.connected) child.disconnect();
    forget();
  }

  /** The present process is none any more: what it was asked is asked of the next one. */
  function forget(): void {
    child = null;
    const orphans = [...waiting.values()];
    waiting.clear();
    for (const orphan of orphans) void askAgain(orphan);
  }

  function send(asked: Waiting): void {
    clearTimeout(idle);
    child ??= start();
    child.ref();
    child.channel?.ref();
    waiting.set(asked.task.id, asked);
    // A channel that is closed already says so by the exit that follows.
    child.send(asked.task, () => undefined);
  }

  async function askAgain(asked: Waiting): Promise<void> {
    asked.deaths++;
    if (asked.deaths < 2) return send(asked);
    if (!warned) log.warn({ program }, 'the hashing process does not live: hashing here, beside everything else');
    warned = true;
    asked.resolve(await computeHere(asked.task));
  }

  function ask(password: string, stored: string | null): Promise<HashingAnswer> {
    return new Promise((resolve, reject) => {
      const task = { id: next++, password, stored };
      send({
        task,
        deaths: 0,
        resolve: (answer) => (answer.error === undefined ? resolve(answer) : reject(new Error(answer.error))),
      });
    });
  }

  return {
    hash: async (password) => (await ask(password, null)).hash!,
    verify: async (stored, password) => (await ask(password, stored)).right!,
    close,
  };
}

async function computeHere({ id, password, stored }: HashingTask): Promise<HashingAnswer> {
  try {
    return stored === null ? { id, hash: await hash(password, ARGON) } : { id, right: await verify(stored, password) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : 'unknown' };
  }
}
