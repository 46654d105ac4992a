import { spawnSync } from 'node:child_process';
import { findProgram } from './find.ts';

interface Manager {
  program: string;
  /** Homebrew refuses root and needs none. */
  needsRoot: boolean;
  packages: { nats: string; redis: string };
  script(name: string): string;
}

// Debian starts what it installs, on the ports we want: a policy that says no while we install, if there is none.
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
    packages: { nats: 'nats-server', redis: 'redis-server' },
    script: aptScript,
  },
  {
    program: 'apk',
    needsRoot: true,
    packages: { nats: 'nats-server', redis: 'redis' },
    script: (name) => `apk add --no-cache ${name}`,
  },
  {
    program: 'dnf',
    needsRoot: true,
    packages: { nats: 'nats-server', redis: 'redis' },
    script: (name) => `dnf install -y ${name} || dnf install -y valkey`,
  },
  {
    program: 'brew',
    needsRoot: false,
    packages: { nats: 'nats-server', redis: 'redis' },
    script: (name) => `brew install ${name}`,
  },
];

export interface InstallResult {
  installed: boolean;
  /** What a person would type, and why it did not work here when it did not. */
  advice: string;
}

/**
 * Installs a server from the system's packages when we may: as root, or by a sudo that asks for no password.
 * `RECADO_NO_INSTALL=1` forbids it.
 */
export function installFromSystem(server: 'nats' | 'redis', say: (line: string) => void): InstallResult {
  const manager = MANAGERS.find((one) => findProgram(one.program));
  if (!manager) {
    const page = server === 'nats' ? 'https://docs.nats.io' : 'https://redis.io/docs';
    return { installed: false, advice: `install ${server}-server so that it is on PATH (${page})` };
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
