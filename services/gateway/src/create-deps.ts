import {
  type Closing,
  Counter,
  checkRedisWrite,
  httpHistogram,
  type ProcessBase,
  type Registry,
} from '@recado/service-kit';
import { Redis } from 'ioredis';
import { createApiKeys } from './auth/api-keys.ts';
import { createKeySource } from './auth/keys.ts';
import { createRevocations } from './auth/revocations.ts';
import { createSettleProof } from './auth/settle-proof.ts';
import { closeClients, createClients } from './clients.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayDeps } from './deps.ts';
import { createUploads } from './edge/server/uploads.ts';
import { createFilesClient } from './files/client.ts';
import { createMediaLinks } from './files/links.ts';
import { createHealthReporter } from './health.ts';
import { createDirectory } from './hydration/directory.ts';
import { createAnswerOnce } from './idempotency/answer-once.ts';
import { createIdempotencyStore } from './idempotency/store.ts';
import { createImportsClient } from './imports/client.ts';
import { createLimits } from './limits/limits.ts';
import { createPlans } from './limits/plans.ts';
import { createRedisGate } from './limits/redis-gate.ts';
import { scaled } from './limits/windows.ts';
import { createWebhookCollector } from './webhooks/collector.ts';

/** After it a command to a silent Redis is forgotten. The gate waits for less. */
const REDIS_TIMEOUT_MS = 3000;

/** Of one address, before it is refused without asking identity. */
const UNKNOWN_KEYS_PER_MINUTE = 30;

/** Makes what the gateway works with. Nothing is connected yet: it starts without the others. */
export function createDeps(base: ProcessBase<GatewayConfig>, closing: Closing): GatewayDeps {
  const { config, log, registry } = base;
  const mediaLinks = createMediaLinks({ key: config.mediaKey, publicUrl: config.publicUrl });
  const clients = createClients(config, mediaLinks);
  const { identity } = clients;
  const redis = connectRedis(config.redisUrl);
  redis.on('error', (error) => log.debug({ err: error }, 'redis'));
  const gate = createRedisGate(redis, log);
  const collector = createWebhookCollector({ connectorUrl: config.services.connector, tokens: config.tokens });
  closing.afterHttp('webhooks', () => collector.close());
  const files = createFilesClient({ baseUrl: config.services.connector, tokens: config.tokens });
  const imports = createImportsClient({ baseUrl: config.services.conversation, tokens: config.tokens });
  closing.last('clients', () => Promise.all([closeClients(clients), files.close(), imports.close()]));
  closing.last('redis', () => redis.disconnect());

  const keys = createKeySource({ fetchJwks: () => identity.jwks({}) });
  const onUnknown = countUnknown(registry);
  const revocations = createRevocations(redis, gate, onUnknown);
  const findPlan = createPlans({ identity });
  const { factor, addressPerMinute, uploadBytes } = config.limits;
  return {
    config,
    log,
    registry,
    observe: httpHistogram(registry),
    clients,
    redis,
    redisGate: gate,
    findPlan,
    keys,
    revocations,
    settleProof: createSettleProof(clients),
    apiKeys: createApiKeys({ identity, unknownPerMinute: scaled(UNKNOWN_KEYS_PER_MINUTE, factor) }),
    limits: createLimits({ redis, gate, revocations, onUnknown, findPlan, factor, addressPerMinute, registry }),
    answerOnce: createAnswerOnce(createIdempotencyStore(redis, gate), registry),
    directory: createDirectory(clients),
    uploads: createUploads({ registry, maxBytes: uploadBytes.all, maxBytesPerAddress: uploadBytes.perAddress }),
    files,
    imports,
    mediaLinks,
    webhooks: { collector, counters: { accepted: countWebhooks(registry) } },
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

function countUnknown(registry: Registry): () => void {
  const unknown = new Counter({
    name: 'recado_revocation_unknown_total',
    help: 'Tokens and keys accepted without knowing whether they are revoked, because Redis was away',
    registers: [registry],
  });
  return () => unknown.inc();
}

/** Counts answered webhooks. Each labelled child is looked up once, for there are very many. */
function countWebhooks(registry: Registry): (status: number) => void {
  const webhooks = new Counter({
    name: 'recado_webhooks_total',
    help: 'Raw webhooks passed to the connector, by its answer',
    labelNames: ['status'],
    registers: [registry],
  });
  const children = new Map<number, { inc(): void }>();
  return (status) => {
    let child = children.get(status);
    if (!child) {
      child = webhooks.labels({ status: String(status) });
      children.set(status, child);
    }
    child.inc();
  };
}
