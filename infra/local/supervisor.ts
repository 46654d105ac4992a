import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { hasEnded, killGroup, type ProcessSpec, spawnProcess, stopProcess } from '@recado/testkit/servers';

export interface Supervised extends ProcessSpec {
  name: string;
  /** A file for its output; without one its lines go to `onLine`. */
  logFile?: string;
}

export interface SupervisorOptions {
  /** A line a process wrote. */
  onLine: (name: string, line: string) => void;
  /** What the supervisor itself has to say. */
  onEvent: (name: string, message: string) => void;
  /**
   * Milliseconds before a process that died is started again: doubled from the first to the last.
   */
  pause?: { first: number; last: number };
  /** After this many milliseconds of running the pause begins small again. */
  stableAfter?: number;
}

export interface Supervisor {
  /**
   * Starts a process and keeps it running. Resolves when it has been started, not when it is ready.
   */
  start(spec: Supervised): Promise<void>;
  /** Ends a process in good order and leaves it ended, until `start` again. */
  stop(name: string, graceMs?: number): Promise<void>;
  /** Sends a signal to a process as from outside. A process that dies of it is started again. */
  kill(name: string, signal?: NodeJS.Signals): void;
  /** Ends a process, by force when it does not listen; it is started again like one that died. */
  restart(name: string, graceMs?: number): Promise<void>;
  /** The end of what a process has logged, and why it could not be started. */
  lastWords(name: string): string;
  /** Process ids by name; null while one waits for its next start. */
  pids(): Record<string, number | null>;
  /** How many times each was started again. */
  restarts(): Record<string, number>;
}

interface Child {
  spec: Supervised;
  process: ChildProcess | null;
  wanted: boolean;
  pause: number;
  restarts: number;
  timer: NodeJS.Timeout | null;
  /** Settles when the start under way is over, with what it does before the process. */
  starting: Promise<void>;
  /** The latest lines it wrote, and what kept it from starting. */
  said: string[];
}

const LAST_LINES = 15;
const remember = (child: Child, line: string) => {
  child.said.push(line);
  if (child.said.length > LAST_LINES) child.said.shift();
};

const END_BYTES = 8192;

function readEnd(file: string): string[] {
  const text = readFileSync(file);
  return text
    .subarray(Math.max(0, text.length - END_BYTES))
    .toString()
    .trimEnd()
    .split('\n');
}

/**
 * Keeps processes running: one that dies is started again after a pause that grows while it keeps
 * dying.
 */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { onLine, onEvent, pause = { first: 200, last: 5000 }, stableAfter = 10_000 } = options;
  const children = new Map<string, Child>();

  const launch = async (child: Child): Promise<void> => {
    const { spec } = child;
    child.timer = null;
    const startedAt = performance.now();
    const again = (how: string) => {
      child.process = null;
      if (!child.wanted) return;
      if (performance.now() - startedAt >= stableAfter) child.pause = pause.first;
      onEvent(spec.name, `ended (${how}), starting again in ${child.pause} ms`);
      child.restarts++;
      child.timer = setTimeout(() => {
        child.starting = launch(child);
      }, child.pause);
      child.pause = Math.min(child.pause * 2, pause.last);
    };
    try {
      await spec.before?.();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      remember(child, message);
      return again(message);
    }
    if (!child.wanted) return;
    const running = spawnProcess(spec, spec.logFile ? { file: spec.logFile } : 'pipe');
    child.process = running;
    for (const stream of [running.stdout, running.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        remember(child, line);
        onLine(spec.name, line);
      });
    }
    running.once('error', (error) => {
      if (running.pid !== undefined) return;
      remember(child, error.message);
      again(error.message);
    });
    running.once('exit', (code, signal) => again(signal ? `killed by ${signal}` : `exit code ${code}`));
  };

  return {
    async start(spec) {
      const known = children.get(spec.name);
      if (known?.wanted) throw new Error(`${spec.name} runs already`);
      const child: Child = {
        spec,
        process: null,
        wanted: true,
        pause: pause.first,
        restarts: known?.restarts ?? 0,
        timer: null,
        starting: Promise.resolve(),
        said: [],
      };
      children.set(spec.name, child);
      child.starting = launch(child);
      await child.starting;
    },
    async stop(name, graceMs = 4000) {
      const child = children.get(name);
      if (!child) return;
      child.wanted = false;
      if (child.timer) clearTimeout(child.timer);
      await child.starting;
      if (child.process) await stopProcess(child.process, child.spec.stopSignal, graceMs);
    },
    kill(name, signal = 'SIGKILL') {
      const running = children.get(name)?.process;
      if (!running || hasEnded(running)) return;
      if (signal === 'SIGKILL') killGroup(running);
      else running.kill(signal);
    },
    async restart(name, graceMs = 2000) {
      const child = children.get(name);
      if (child?.wanted && child.process) await stopProcess(child.process, child.spec.stopSignal, graceMs);
    },
    lastWords(name) {
      const child = children.get(name);
      if (!child) return '';
      const logged = child.spec.logFile && existsSync(child.spec.logFile) ? readEnd(child.spec.logFile) : [];
      return [...logged.slice(-LAST_LINES), ...child.said].join('\n');
    },
    pids: () => Object.fromEntries([...children].map(([name, child]) => [name, child.process?.pid ?? null])),
    restarts: () => Object.fromEntries([...children].map(([name, child]) => [name, child.restarts])),
  };
}
