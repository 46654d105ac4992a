import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerSpec, findDocker, IMAGES } from './docker.ts';
import { findProgram, versionOf } from './find.ts';
import { installFromSystem } from './install.ts';
import { type PlanOptions, type ServerPlan, ServerUnavailable } from './plan.ts';
import { exchange } from './ports.ts';

/** How many databases a test server has, one for each vitest worker. */
export const TEST_DATABASES = 64;

/**
 * Finds Redis (or Valkey): the URL given; else the program on the machine; else from the system's
 * packages; else Docker.
 * @throws ServerUnavailable when there is none.
 */
export async function planRedis(options: PlanOptions): Promise<ServerPlan> {
  const plan = (chose: string, url: string, run: ServerPlan['run']): ServerPlan => ({
    name: 'redis',
    chose,
    url,
    run,
    probe: () => probe(url),
  });
  if (options.url) return plan('given by REDIS_URL', options.url, null);

  const secret = options.mode === 'test' ? '' : `:${encodeURIComponent(options.password)}@`;
  const url = `redis://${secret}127.0.0.1:${options.port}`;
  const find = options.find ?? findProgram;
  let file = find('redis-server', 'valkey-server');
  let from = file ?? '';
  let advice = '';
  if (!file) {
    const result = installFromSystem('redis', options.say ?? (() => undefined));
    advice = result.advice;
    file = find('redis-server', 'valkey-server');
    from = "from the system's packages";
  }
  if (file) {
    const config = writeConfig(options, '127.0.0.1', options.port, options.dataDir);
    const version = versionOf(file, '-v') ?? '';
    return plan(`redis-server ${version}, ${from}`, url, { file, args: [config], stopSignal: 'SIGTERM' });
  }
  const docker = findDocker();
  if (docker) {
    writeConfig(options, '0.0.0.0', 6379, '/data');
    const run = containerSpec({
      docker,
      image: IMAGES.redis,
      port: options.port,
      inside: 6379,
      mounts: { [options.dataDir]: '/data' },
      command: ['redis-server', '/data/redis.conf'],
    });
    return plan(`container of ${IMAGES.redis}`, url, run);
  }
  throw new ServerUnavailable('Redis', [
    'give a running one: REDIS_URL=redis://:password@host:6379',
    advice,
    `start Docker, and it runs from ${IMAGES.redis}`,
  ]);
}

function writeConfig(options: PlanOptions, host: string, port: number, dir: string): string {
  mkdirSync(options.dataDir, { recursive: true });
  const path = join(options.dataDir, 'redis.conf');
  writeFileSync(path, redisConfig({ ...options, host, port, dir }), { mode: 0o600 });
  return path;
}

/** The server's configuration. */
export function redisConfig(options: {
  mode: 'dev' | 'test';
  password: string;
  host: string;
  port: number;
  dir: string;
}): string {
  const lines = [
    '# Written at every start.',
    `bind ${options.host}`,
    `port ${options.port}`,
    `dir ${JSON.stringify(options.dir)}`,
    'daemonize no',
    'save ""',
    ...(options.mode === 'test'
      ? [`databases ${TEST_DATABASES}`, 'appendonly no', 'protected-mode no']
      : ['appendonly yes', 'appendfsync everysec', `requirepass ${JSON.stringify(options.password)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

async function probe(url: string): Promise<void> {
  const { hostname, port, username, password, protocol } = new URL(url);
  if (protocol !== 'redis:') return; // TLS: the services' own connections will tell
  const word = (value: string) => decodeURIComponent(value);
  const login = password ? `AUTH ${username ? `${word(username)} ` : ''}${word(password)}\r\n` : '';
  const answer = await exchange({ host: hostname, port: Number(port || 6379) }, `${login}PING\r\n`, (text) =>
    /\+PONG|^-/m.test(text),
  );
  if (!answer.includes('+PONG')) throw new Error(answer.trim());
}
