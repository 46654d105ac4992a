import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { POSTGRES_USER_ID, planPostgres, spawnProcess, stopProcess, waitUntilReady } from '../src/servers/index.ts';
import { freePort } from '../src/servers/ports.ts';
import { removeStaleLock } from '../src/servers/stale-lock.ts';

let dir: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'recado-lock-')));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => stopProcess(child, 'SIGKILL')));
  rmSync(dir, { recursive: true, force: true });
});

function sleeper(options: { cwd: string; uid?: number }): number {
  const child = spawn('sleep', ['300'], { detached: true, ...options });
  children.push(child);
  return child.pid!;
}
const lock = () => join(dir, 'postmaster.pid');

test('the lock of a Postgres whose process id another program has now is removed', () => {
  writeFileSync(lock(), `${sleeper({ cwd: '/' })}\n${dir}\n`);
  removeStaleLock(dir);
  expect(existsSync(lock())).toBe(false);
});

test('the lock of a process that works in the data folder is left alone', () => {
  writeFileSync(lock(), `${sleeper({ cwd: dir })}\n${dir}\n`);
  removeStaleLock(dir);
  expect(existsSync(lock())).toBe(true);
});

test('Postgres starts after a power cut although a living process has its old id', async () => {
  const root = process.getuid?.() === 0;
  const home = join(dir, 'home');
  // As root, Postgres runs as an unprivileged user that must pass through this folder.
  chmodSync(dir, 0o711);
  const plan = await planPostgres({ mode: 'test', port: await freePort(), password: 'secret', dataDir: home });
  if (!plan.run || plan.chose.startsWith('container')) return expect(plan.run).not.toBeNull();
  await plan.run.before?.();
  const data = plan.run.args[plan.run.args.indexOf('-D') + 1]!;
  const pid = sleeper({ cwd: '/', ...(root ? { uid: POSTGRES_USER_ID } : {}) });
  writeFileSync(join(data, 'postmaster.pid'), `${pid}\n${data}\n`, { mode: 0o644 });

  await plan.run.before?.();
  children.push(spawnProcess(plan.run, { file: join(dir, 'postgres.log') }));
  await waitUntilReady(plan);
});
