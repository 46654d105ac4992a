import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { IMAGES } from './servers/docker.ts';
import { natsConfig } from './servers/nats.ts';
import type { TestServers } from './servers/start.ts';

const SOCKETS = [
  '/var/run/docker.sock',
  join(homedir(), '.docker/run/docker.sock'),
  `/run/user/${process.getuid?.() ?? 0}/podman/podman.sock`,
];

/**
 * Servers in containers, when an engine has the images already; else null. Never pulls: a run must
 * not hang on a registry. `RECADO_TEST_CONTAINERS=0` switches it off.
 */
export async function startContainers(env: NodeJS.ProcessEnv = process.env): Promise<TestServers | null> {
  const given = env.RECADO_TEST_DATABASE_URL || env.RECADO_TEST_NATS_URL || env.RECADO_TEST_REDIS_URL;
  if (given || env.RECADO_TEST_CONTAINERS === '0') return null;
  // Loading testcontainers takes half a second: only where an engine may be.
  if (!env.DOCKER_HOST && !SOCKETS.some((path) => existsSync(path))) return null;
  const { GenericContainer, getContainerRuntimeClient, ImageName, Wait } = await import('testcontainers');
  const client = await within(1000, getContainerRuntimeClient());
  if (!client) return null;
  const have = (image: string) => client.image.exists(ImageName.fromString(image));
  const present = await Promise.all(Object.values(IMAGES).map((image) => within(1000, have(image))));
  if (!present.every((one) => one === true)) return null;
  // Its cleaner is one more image that may not be there; we stop what we start ourselves.
  if (!(await within(1000, have('testcontainers/ryuk:0.14.0')))) env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';

  const config = natsConfig({
    mode: 'test',
    password: '',
    version: '2.12',
    host: '0.0.0.0',
    port: 4222,
    store: '/tmp/js',
  });
  const starts = await Promise.allSettled([
    new GenericContainer(IMAGES.postgres)
      .withEnvironment({ POSTGRES_USER: 'recado', POSTGRES_PASSWORD: 'recado', POSTGRES_DB: 'postgres' })
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'max_connections=300'])
      .withTmpFs({ '/var/lib/postgresql': 'rw' })
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start(),
    new GenericContainer(IMAGES.nats)
      .withCopyContentToContainer([{ content: config, target: '/etc/recado.conf' }])
      .withCommand(['-c', '/etc/recado.conf'])
      .withExposedPorts(4222)
      .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
      .start(),
    new GenericContainer(IMAGES.redis)
      .withCommand([
        'redis-server',
        '--databases',
        '64',
        '--bind',
        '0.0.0.0',
        '--protected-mode',
        'no',
        '--save',
        '',
        '--appendonly',
        'no',
      ])
      .withExposedPorts(6379)
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
      .start(),
  ]);
  const running = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const stop = async () => {
    await Promise.all(running.map((container) => container.stop({ timeout: 0 })));
  };
  const [pg, nats, redis] = running;
  if (!pg || !nats || !redis) {
    const failed = starts.find((start) => start.status === 'rejected');
    console.log(`Containers could not be started (${failed?.reason}); servers of this machine instead.`);
    await stop();
    return null;
  }
  return {
    postgresUrl: `postgres://recado:recado@${pg.getHost()}:${pg.getMappedPort(5432)}/postgres`,
    natsUrl: `nats://w0:w0@${nats.getHost()}:${nats.getMappedPort(4222)}`,
    redisUrl: `redis://${redis.getHost()}:${redis.getMappedPort(6379)}`,
    natsAccounts: true,
    chose: Object.values(IMAGES).map((image) => `container of ${image}`),
    stop,
  };
}

/** The promise's value, or null when it fails or takes longer. */
function within<T>(ms: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    promise.then(resolve, () => resolve(null)).finally(() => clearTimeout(timer));
  });
}
