import {
  Counter,
  checkRedisWrite,
  createLogger,
  createRegistry,
  httpHistogram,
  stopInOrder,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { buildApp } from './app.ts';
import { createApiKeys } from './auth/api-keys.ts';
import { createKeySource } from './auth/keys.ts';
import { createRevocations } from './auth/revocations.ts';
import { createSettleProof } from './auth/settle-proof.ts';
import { createTokenReader, createTokenVerifier } from './auth/verify-token.ts';
import { closeClients, createClients } from './clients.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayDeps } from './deps.ts';
import { createUploads } from './edge/uploads.ts';
import { editions } from './editions/index.ts';
import { createHealthReporter } from './health.ts';
import { createDirectory } from './hydration/directory.ts';
import { createAnswerOnce } from './idempotency/answer-once.ts';
import { createIdempotencyStore } from './idempotency/store.ts';
import { createLimits } from './limits/limits.ts';
import { createPlans } from './limits/plans.ts';
import { createRedisGate } from './limits/redis-gate.ts';
import { scaled } from './limits/windows.ts';
import { attachRealtime } from './realtime/attach.ts';
import { createWebhookCollector } from './webhooks/collector.ts';
import { serveWebhooksDirectly } from './webhooks/serve-directly.ts';

export interface RunningGateway {
  url: string;
  app: FastifyInstance;
  deps: GatewayDeps;
  stop(): Promise<void>;
}

/**
 * Redis answers in well under a millisecond; a slower one counts as away, and requests go on
 * without it.
 */
const REDIS_TIMEOUT_MS = 250;

/** Of one address, before it is refused without asking identity. */
const UNKNOWN_KEYS_PER_MINUTE = 30;

/** Config → deps → app → listening. */
export async function startGateway(config: GatewayConfig): Promise<RunningGateway> {
  const deps = createDeps(config);
  const { log } = deps;
  const app = buildApp(deps);
  const realtime = attachRealtime(app.server, deps);
  Object.assign(deps.ready, realtime.ready);
  // Last: it goes before whatever listens to requests.
  serveWebhooksDirectly(app, Object.values(editions), deps);
  await app.listen({ host: config.host, port: config.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  const url = `http://${config.host}:${port}`;
  log.info({ url }, 'listening');

  return {
    url,
    app,
    deps,
    stop: () =>
      stopInOrder(
        [
          ['realtime', () => realtime.stop()],
          ['http', () => app.close()],
          ['webhooks', () => deps.webhooks.collector.close()],
          ['clients', () => closeClients(deps.clients)],
          ['redis', () => deps.redis.disconnect()],
        ],
        log,
      ),
  };
}

/** Everything the rooms need, connected lazily: the gateway starts whoever else is up. */
export function createDeps(config: GatewayConfig): GatewayDeps {
  const log = createLogger({ name: 'gateway', ...config.log });
  const registry = createRegistry('gateway');
  const clients = createClients(config);
  const redis = connectRedis(config.redisUrl);
  redis.on('error', (error) => log.debug({ err: error }, 'redis'));
  const keys = createKeySource({ fetchJwks: () => clients.identity.jwks({}) });
  const unknown = new Counter({
    name: 'recado_revocation_unknown_total',
    help: 'Tokens and keys accepted without knowing whether they are revoked, because Redis was away',
    registers: [registry],
  });
  const { factor, addressPerMinute } = config.limits;
  const gate = createRedisGate(redis, log);
  const findPlan = createPlans({ identity: clients.identity });
  const readToken = createTokenReader({ keys });
  const onUnknown = () => unknown.inc();
  const revocations = createRevocations(redis, gate, onUnknown);
  const webhooks = new Counter({
    name: 'recado_webhooks_total',
    help: 'Raw webhooks passed to the connector, by its answer',
    labelNames: ['status'],
    registers: [registry],
  });
  return {
    config,
    log,
    registry,
    observe: httpHistogram(registry),
    clients,
    redis,
    redisGate: gate,
    findPlan,
    verifyToken: createTokenVerifier(readToken, revocations),
    readToken,
    settleProof: createSettleProof(clients),
    apiKeys: createApiKeys({
      identity: clients.identity,
      unknownPerMinute: scaled(UNKNOWN_KEYS_PER_MINUTE, factor),
    }),
    limits: createLimits({
      redis,
      gate,
      revocations,
      onUnknown,
      findPlan,
      factor,
      addressPerMinute,
      registry,
    }),
    answerOnce: createAnswerOnce(createIdempotencyStore(redis, gate), registry),
    directory: createDirectory(clients),
    uploads: createUploads({
      registry,
      maxBytes: config.limits.uploadBytes.all,
      maxBytesPerAddress: config.limits.uploadBytes.perAddress,
    }),
    webhooks: {
      collector: createWebhookCollector({
        connectorUrl: config.services.connector,
        tokens: config.tokens,
      }),
      counters: { accepted: countByStatus(webhooks) },
    },
    health: createHealthReporter(config, redis),
    ready: { identity: () => keys.ready(), redis: checkRedisWrite(redis, 'gateway') },
  };
}

function connectRedis(url: string): Redis {
  return new Redis(url, {
    enableAutoPipelining: true,
    // Away means at once: a request must not wait for Redis to come back.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: REDIS_TIMEOUT_MS,
    connectTimeout: 2000,
    retryStrategy: (tries) => Math.min(100 * tries, 2000),
  });
}

/** Labelled children are looked up once: the webhook path pays for an addition only. */
function countByStatus(counter: Counter<'status'>): (status: number) => void {
  const children = new Map<number, { inc(): void }>();
  return (status) => {
    let child = children.get(status);
    if (!child) {
      child = counter.labels({ status: String(status) });
      children.set(status, child);
    }
    child.inc();
  };
}
