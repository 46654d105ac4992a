import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes the lock file of a Postgres that a power cut ended, when another program has its process
 * id: Postgres would refuse to start. The lock of a living Postgres stays.
 */
export function removeStaleLock(data: string): void {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number.parseInt(readFileSync(lock, 'utf8'), 10);
  // One that has ended is Postgres' own business: it looks at shared memory too.
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && !runsIn(pid, realpathSync(data))) rmSync(lock);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A Postgres works in its data folder. When the system does not tell, it counts as one. */
function runsIn(pid: number, data: string): boolean {
  if (existsSync('/proc/self/cwd')) {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === data;
    } catch (error) {
      // Another user's process: our Postgres would be our own.
      return (error as NodeJS.ErrnoException).code !== 'EACCES';
    }
  }
  const { stdout, status } = spawnSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  return status !== 0 || /postgres/.test(stdout);
}
