import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@recado/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('heal.sh', import.meta.url));
let dir: string;
let server: ChildProcess;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'recado-heal-'));
  server = spawn('sleep', ['300']);
});
afterEach(() => {
  server.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** The script as a container runs it, with a check that succeeds or not. */
const check = (well: boolean, pid = server.pid) =>
  spawnSync('sh', [script, 'sleep', '3', well ? 'true' : 'false'], {
    env: { ...process.env, HEAL_STATE: join(dir, 'state'), HEAL_PID: String(pid) },
  }).status;
const isKilled = () => eventually(() => expect(server.signalCode).toBe('SIGKILL'));

test('a healthy server that fails three checks in a row is ended', async () => {
  expect(check(true)).toBe(0);
  expect([check(false), check(false)]).toEqual([1, 1]);
  expect(server.signalCode).toBeNull();
  expect(check(false)).toBe(1);
  await isKilled();
});

test('a stopped server is ended too', async () => {
  check(true);
  server.kill('SIGSTOP');
  for (let n = 0; n < 3; n++) check(false);
  await isKilled();
});

test('one good answer in between restarts the count', () => {
  check(true);
  for (let n = 0; n < 4; n++) expect([check(false), check(false), check(true)]).toEqual([1, 1, 0]);
  expect([server.exitCode, server.signalCode]).toEqual([null, null]);
});

test('a server that has just started is not ended', () => {
  check(true, 1);
  for (let n = 0; n < 6; n++) expect(check(false)).toBe(1);
  expect([server.exitCode, server.signalCode]).toEqual([null, null]);
});
