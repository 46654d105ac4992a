import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const bootstrap = fileURLToPath(new URL('../bootstrap.mjs', import.meta.url));
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'recado-bootstrap-'));
  mkdirSync(join(root, 'infra/local'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  mkdirSync(join(root, 'bin'));
  copyFileSync(bootstrap, join(root, 'infra/local/bootstrap.mjs'));
  writeFileSync(join(root, 'pnpm-lock.yaml'), 'lockfileVersion: 9\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/**
 * Installs with an npx that says this version, notes what it is asked for, and ends with this code.
 */
function install(version: string, code = 0) {
  const asked = join(root, 'asked');
  const npx = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nprintf '%s\\n' "$@" > '${asked}'\necho no such host >&2\nexit ${code}\n`;
  writeFileSync(join(root, 'bin/npx'), npx, { mode: 0o755 });
  const run = spawnSync(process.execPath, [join(root, 'infra/local/bootstrap.mjs'), 'install'], {
    env: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
    encoding: 'utf8',
  });
  return { ...run, asked: existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : null };
}

// npm before 9.9 leaves out pnpm's own program. Node 20.0 comes with 9.6.4.
test.each(['8.19.4', '9.6.4', '9.8.1'])('npm %s fetches a newer npm, which installs by pnpm', (version) => {
  const { status, asked } = install(version);
  expect(status).toBe(0);
  expect(asked!.slice(0, 7)).toEqual([
    '--yes',
    'npm@9.9.4',
    'exec',
    '--yes',
    '--',
    expect.stringMatching(/^pnpm@/),
    'install',
  ]);
});

test.each(['9.9.0', '10.2.4', '11.19.1'])('npm %s installs by pnpm itself', (version) => {
  expect(install(version).asked!.slice(0, 3)).toEqual(['--yes', expect.stringMatching(/^pnpm@/), 'install']);
});

test('a failed installation says why and where to look, and is tried again at the next start', () => {
  const { status, stderr } = install('9.6.4', 1);
  expect(status).toBe(1);
  expect(stderr).toContain('no such host');
  expect(stderr).toContain('Is the npm registry reachable?');
  expect(install('9.6.4').asked).not.toBeNull();
  rmSync(join(root, 'asked'));
  expect(install('9.6.4').asked).toBeNull();
});
