import { spawnSync } from 'node:child_process';
import { findProgram } from './find.ts';

interface Manager {
  program: string;
  /** Homebrew refuses root and needs none. */
  needsRoot: boolean;
  packages: { nats: string; redis: string; chromium: string };
  script(name: string): string;
}

// Debian starts what it installs, on the ports we want: a policy that says no while we install, if
// there is none.
const aptScript = (name: string) => `
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' > $policy && chmod 755 $policy
  trap "rm -f $policy" EXIT
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -q --no-install-recommends ${name}; }
install || { apt-get update -q && install; }
`;

const MANAGERS: Manager[] = [
  {
    program: 'apt-get',
    needsRoot: true,
    packages: { nats: 'nats-server', redis: 'redis-server', chromium: 'chromium' },
    script: aptScript,
  },
  {
    program: 'apk',
    needsRoot: true,
    packages: { nats: 'nats-server', redis: 'redis', chromium: 'chromium' },
    script: (name) => `apk add --no-cache ${name}`,
  },
  {
    program: 'dnf',
    needsRoot: true,
    packages: { nats: 'nats-server', redis: 'redis', chromium: 'chromium' },
    script: (name) => `dnf install -y ${name} || dnf install -y valkey`,
  },
  {
    program: 'brew',
    needsRoot: false,
    packages: { nats: 'nats-server', redis: 'redis', chromium: 'chromium' },
    script: (name) => `brew install ${name}`,
  },
];

const MANUAL = {
  nats: 'nats-server so that it is on PATH (https://docs.nats.io)',
  redis: 'redis-server so that it is on PATH (https://redis.io/docs)',
  chromium: 'chromium so that it is on PATH (https://www.chromium.org)',
};

export interface InstallResult {
  installed: boolean;
  /** What a person would type, and why it did not work here when it did not. */
  advice: string;
}

/**
 * Installs a server from the system's packages, as root or by sudo without a password.
 * `RECADO_NO_INSTALL=1` forbids it.
 */
export function installFromSystem(server: 'nats' | 'redis' | 'chromium', say: (line: string) => void): InstallResult {
  const manager = MANAGERS.find((one) => findProgram(one.program));
  if (!manager) {
    return { installed: false, advice: `install ${MANUAL[server]}` };
  }
  const name = manager.packages[server];
  const typed = `${manager.needsRoot ? 'sudo ' : ''}${manager.program} ${manager.program === 'apk' ? 'add' : 'install'} ${name}`;
  const refused = (why: string): InstallResult => ({ installed: false, advice: `install it: ${typed} (${why})` });

  if (process.env.RECADO_NO_INSTALL === '1') return refused('not tried: RECADO_NO_INSTALL=1');
  const root = process.getuid?.() === 0;
  const prefix = manager.needsRoot && !root ? ['sudo', '-n'] : [];
  if (prefix.length > 0 && (!findProgram('sudo') || spawnSync('sudo', ['-n', 'true']).status !== 0)) {
    return refused('not tried: we are not root and sudo wants a password');
  }
  say(`installing ${name} by ${manager.program} …`);
  const args = [...prefix.slice(1), ...(prefix.length > 0 ? ['/bin/sh'] : []), '-c', manager.script(name)];
  const run = spawnSync(prefix[0] ?? '/bin/sh', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  });
  if (run.status === 0) return { installed: true, advice: '' };
  const lastWords = `${run.stderr ?? ''}`.trim().split('\n').at(-1) ?? '';
  return refused(`tried: exit code ${run.status ?? run.signal}${lastWords ? `, ${lastWords}` : ''}`);
}
