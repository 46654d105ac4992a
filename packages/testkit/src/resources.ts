import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** Closing takes a moment after the call that asked for it. */
const PATIENCE_MS = 3_000;

/** Node's own list of what keeps this process alive: servers, sockets, processes. */
const activeHandles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles.bind(process);

/** That list knows no workers, so we note each that starts. */
const workers = new Set<Worker>();
process.on('worker', (worker) => {
  workers.add(worker);
  worker.once('exit', () => workers.delete(worker));
});

/** What keeps this process alive now. */
export const resources = (): Set<object> => new Set([...activeHandles(), ...workers]);

/** What is left of what came since, for people; empty when all of it is gone soon. */
export async function leftovers(before: Set<object>, patienceMs = PATIENCE_MS): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = [...resources()].flatMap((one) => (before.has(one) ? [] : (describe(one) ?? [])));
    if (left.length === 0 || Date.now() > deadline) return left;
    await pause(10);
  }
}

/** Null for what may stay: pipes of this process to its parent. */
function describe(one: object): string | null {
  if (one instanceof Server) return `a listening server ${JSON.stringify(one.address())}`;
  if (one instanceof ChildProcess) return `a running process (${one.spawnargs.join(' ').slice(0, 120)})`;
  if (one instanceof Worker) return 'a running worker';
  if (one instanceof Socket && one.remotePort) return `an open socket to port ${one.remotePort}`;
  return null;
}
