// The entry of every npm script: plain JavaScript for any Node from 20, before anything is
// installed. Installs what pnpm-lock.yaml says, then runs the Node 24 that came with it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
/** An npm that runs on every Node 20 and can install pnpm; see pnpmCommand. */
const GOOD_NPM = 'npm@9.9.4';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const VITEST = 'node_modules/vitest/vitest.mjs';

/** Node imports unit tests itself. vitest's loader serves vi.mock alone, which they do not use. */
const NATIVE_IMPORTS = ['--experimental.viteModuleRunner=false', '--experimental.nodeLoader=false'];

/** npm script → what Node 24 runs, and the arguments before those of the command line. */
const COMMANDS = {
  install: null,
  start: ['infra/local/start.ts'],
  demo: ['infra/local/demo.ts'],
  sandbox: ['packages/sandbox/src/main.ts'],
  reset: ['infra/local/reset.ts'],
  events: ['infra/local/events.ts'],
  'dead-letters': ['infra/local/dead-letters.ts'],
  tenants: ['infra/local/tenants.ts'],
  rekey: ['infra/local/rekey.ts'],
  integrators: ['infra/local/integrators.ts'],
  test: [VITEST, 'run'],
  // Each worker loads the modules once more, though Node keeps what it compiled.
  'test:unit': [VITEST, 'run', '--project', 'unit', '--maxWorkers', '2', ...NATIVE_IMPORTS],
  'test:service': [VITEST, 'run', '--project', 'service'],
  'test:system': [VITEST, 'run', '--project', 'system'],
  'test:faults': ['tests/system/faults/run.ts'],
  'test:fuzz': ['tests/system/fuzz/main.ts'],
  'test:old-node': ['tests/system/commands/old-node.ts'],
  'test:mutations': ['tests/mutations/run.ts'],
  'test:upgrade': ['tests/system/upgrade/run.ts'],
  bench: ['bench/run.ts'],
  build: ['infra/local/build.ts'],
  turbo: ['node_modules/turbo/bin/turbo', 'run'],
  docs: ['scripts/docs.ts'],
  prose: ['scripts/prose.ts'],
  acceptance: ['scripts/acceptance.ts'],
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'pnpm-lock.yaml')))
    .digest('hex');
  const stamp = join(MODULES, '.recado-installed');
  const have = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : '';
  if (have === lock) return;
  console.error(
    `Installing packages ${have ? '(the lockfile has changed)' : '(the first time takes about half a minute)'} …`,
  );
  const command = [...pnpmCommand(), 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'];
  // CI: asks nothing, also when an older node_modules must go.
  const env = { ...process.env, CI: 'true', npm_config_loglevel: 'error', npm_config_update_notifier: 'false' };
  const run = spawnSync('npx', command, { cwd: ROOT, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (run.error?.code === 'ENOENT')
    fail('npx was not found: it comes with npm, which comes with Node. Install Node 20 or newer with npm.');
  if (run.status !== 0) {
    const said = `${run.stdout ?? ''}${run.stderr ?? ''}`.trim().split('\n').slice(-25).join('\n');
    fail(
      `${said}\n\nInstalling packages failed (npx ${command.join(' ')}).\n` +
        'Is the npm registry reachable? Behind a proxy set HTTPS_PROXY; for a mirror, "npm config set registry <url>".',
    );
  }
  writeFileSync(stamp, `${lock}\n`);
}

/**
 * npm before 9.9 takes every Linux for one without glibc and leaves out pnpm's program, so a newer
 * npm fetches it.
 */
function pnpmCommand() {
  const version = spawnSync('npx', ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const [major = 0, minor = 0] = version.trim().split('.').map(Number);
  const old = major < 9 || (major === 9 && minor < 9);
  return old ? ['--yes', GOOD_NPM, 'exec', '--yes', '--', PNPM] : ['--yes', PNPM];
}

/** A killed npm tells its script nothing, so the script looks whether its parent is still there. */
function onParentGone(act) {
  if (!process.env.npm_lifecycle_event) return; // started by hand: outliving a shell is then wanted
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    act();
  }, 500).unref();
}

function findNode24() {
  const node = [join(MODULES, 'node/bin/node'), join(MODULES, '.bin/node')].find((path) => existsSync(path));
  if (!node) fail(`Node 24 is missing from ${MODULES}: remove that folder and run this again.`);
  return node;
}

const [name = '', ...given] = process.argv.slice(2);
if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Recado needs Node 20 or newer; this is ${process.version}.`);
if (!(name in COMMANDS)) fail(`Unknown command "${name}". There are: ${Object.keys(COMMANDS).join(', ')}.`);

installPackages();
const command = COMMANDS[name];
if (command) {
  const [file, ...before] = command;
  if (!existsSync(join(ROOT, file))) fail(`"${name}" needs ${file}, which is not here.`);
  const env = { ...process.env };
  env.PATH = [join(MODULES, '.bin'), env.PATH].filter(Boolean).join(delimiter);
  env.TURBO_TELEMETRY_DISABLED = '1';
  // Compiled code is kept between runs, so that the next one starts sooner.
  env.NODE_COMPILE_CACHE ??= join(MODULES, '.cache/node');
  // In a terminal Ctrl-C reaches the child by itself; anything else is passed on.
  const args = [join(ROOT, file), ...before, ...given];
  const child = spawn(findNode24(), args, { cwd: ROOT, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  onParentGone(() => child.kill('SIGTERM'));
  child.once('error', (error) => fail(`Node 24 could not be started: ${error.message}`));
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 15)));
}
