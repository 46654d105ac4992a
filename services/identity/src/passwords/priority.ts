import { readdir, readFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import type { Log } from '@recado/service-kit';

/** libuv's pool, where hashes are computed. */
const POOL_THREAD = 'libuv-worker';
/** Added to the process's nice value: beside work that wants the processor a hash gets about a third of what that gets, and all of it when nothing else does. */
const GIVES_WAY = 5;

/**
 * Lets hashing give way: its threads run on what the others leave, so that a crowd at the door does not slow those who are
 * inside. Linux has priorities by thread; elsewhere everything stays as it is. Never throws.
 */
export async function lowerHashingPriority(log: Pick<Log, 'info'>): Promise<void> {
  try {
    // Reading starts the pool's threads, if nothing has yet.
    const nice = Math.min(getPriority() + GIVES_WAY, 19);
    const threads = await readdir('/proc/self/task');
    for (const thread of threads) {
      const name = await readFile(`/proc/self/task/${thread}/comm`, 'utf8');
      if (name.trim() === POOL_THREAD) setPriority(Number(thread), nice);
    }
  } catch (err) {
    log.info({ err }, 'hashing runs at the priority of everything else');
  }
}
