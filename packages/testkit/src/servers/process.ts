import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to run one process. */
export interface ProcessSpec {
  file: string;
  args: string[];
  /** Added to the environment of this process. */
  env?: Record<string, string>;
  cwd?: string;
  /** Run as this user; only possible when we are root. */
  uid?: number;
  gid?: number;
  /** The signal that makes it stop in good order. */
  stopSignal?: NodeJS.Signals;
  /** Runs before each start, for what a killed predecessor left behind. */
  before?: () => Promise<void>;
}

/**
 * Ends what we started, even after `kill -9`: a shell reads process groups from a pipe and kills
 * them when the pipe closes. It costs a megabyte. Debian's kill takes only `-INT -123`.
 */
const WATCHDOG = `
list=""
while read -r op arg; do
  case "$op" in
    add) list="$list $arg" ;;
    del) rest=""; for p in $list; do [ "$p" = "$arg" ] || rest="$rest $p"; done; list="$rest" ;;
    dir) dir="$arg" ;;
  esac
done
for p in $list; do kill -INT "-$p" 2>/dev/null; done
tries=0
while [ $tries -lt 30 ]; do
  alive=""
  for p in $list; do kill -0 "-$p" 2>/dev/null && alive="$alive $p"; done
  [ -z "$alive" ] && break
  sleep 0.1; tries=$((tries + 1))
done
for p in $list; do kill -KILL "-$p" 2>/dev/null; done
[ -n "$dir" ] && rm -rf -- "$dir"
exit 0
`;

let watchdog: ChildProcess | null = null;

function tellWatchdog(line: string): void {
  if (process.platform === 'win32') return;
  if (!watchdog) {
    watchdog = spawn('/bin/sh', ['-c', WATCHDOG], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
    watchdog.stdin?.on('error', () => undefined);
    watchdog.unref();
    // An open pipe must not keep us running.
    (watchdog.stdin as unknown as { unref?(): void } | null)?.unref?.();
  }
  watchdog.stdin?.write(`${line}\n`);
}

/**
 * Has a folder removed after everything has ended, however we end. The path must hold no line
 * break.
 */
export function removeAtEnd(dir: string): void {
  tellWatchdog(`dir ${dir}`);
}

/**
 * Starts a process in a process group of its own, so that Ctrl-C in the terminal reaches only us
 * and we end things in order.
 * @param output `pipe` to read its lines, or a file its output is appended to.
 */
export function spawnProcess(spec: ProcessSpec, output: 'pipe' | { file: string }): ChildProcess {
  let fd: number | null = null;
  if (output !== 'pipe') {
    mkdirSync(dirname(output.file), { recursive: true });
    fd = openSync(output.file, 'a');
  }
  const child = spawn(spec.file, spec.args, {
    stdio: ['ignore', fd ?? 'pipe', fd ?? 'pipe'],
    detached: true,
    env: { ...process.env, ...spec.env },
    ...(spec.cwd ? { cwd: spec.cwd } : {}),
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
  if (fd !== null) closeSync(fd);
  const { pid } = child;
  if (pid !== undefined) {
    tellWatchdog(`add ${pid}`);
    child.once('exit', () => tellWatchdog(`del ${pid}`));
  }
  return child;
}

/** True once the process has ended or could not be started. */
export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/**
 * Asks a process to stop and kills its whole group when it has not after `graceMs`. Resolves when
 * it has ended.
 */
export async function stopProcess(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = 5000,
): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => killGroup(child), graceMs);
  await ended;
  clearTimeout(timer);
}

/** `kill -9` for a process and everything it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // the group is gone already
  }
}
