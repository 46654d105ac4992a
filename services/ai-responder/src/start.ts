import { conversationApi } from '@recado/contracts';
import { connect, createTenantDirectory, withWorker } from '@recado/database';
import { connectBus, startRelay } from '@recado/messaging';
import {
  createClient,
  createInternalTokens,
  createLogger,
  createRegistry,
  createTenantSource,
  createTurns,
  serviceChecks,
  stopInOrder,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { createPolicies } from './configs/policies.ts';
import { startConsumers } from './consumers/start-consumers.ts';
import type { Deps } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { createModel } from './model/client.ts';
import { pruneReplies } from './replies/store.ts';
import { startWorker, type WorkerOptions } from './replies/worker.ts';

export interface AiResponder {
  url: string;
  app: FastifyInstance;
  stop(): Promise<void>;
}

export interface StartOptions {
  validateResponses?: boolean;
  now?: () => Date;
  /** Deadline of one call of the model. */
  modelTimeoutMs?: number;
  worker?: Pick<WorkerOptions, 'leaseMs' | 'pollMs' | 'pausesMs'>;
}

const MODEL_TIMEOUT_MS = 20_000;
const PRUNE_MS = 10 * 60_000;
/** Of all tenants; beyond it a trial is refused at once. */
const MAX_WAITING_TRIALS = 200;

/**
 * Starts ai-responder: pools, bus, relay, consumers, the reply worker, HTTP.
 * @throws when the port is taken or NATS stays away at the start
 */
export async function startAiResponder(config: Config, options: StartOptions = {}): Promise<AiResponder> {
  const log = createLogger({ name: 'ai-responder', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const registry = createRegistry('ai-responder');
  const bus = await connectBus({ url: config.NATS_URL, name: 'ai-responder', log });
  const db = connect({ url: config.DATABASE_URL, name: 'ai-responder', max: 4 });
  const workerDb = connect({ url: config.DATABASE_WORKER_URL, name: 'ai-responder-worker', max: 8 });
  const relay = startRelay({ db: workerDb.sql, writers: [db.sql], bus, service: 'ai-responder', log, registry });
  const concurrency = config.RECADO_AI_CONCURRENCY;
  const tokens = createInternalTokens('ai-responder', config);
  const identity = createTenantSource({ baseUrl: config.RECADO_IDENTITY_URL, tokens });
  const deps: Deps = {
    config,
    log,
    metrics: createMetrics(registry),
    db,
    workerDb,
    tenants: createTenantDirectory(db, identity.ask),
    policies: createPolicies(bus),
    model: createModel({
      baseUrl: config.RECADO_OPENAI_BASE_URL,
      apiKey: config.RECADO_OPENAI_API_KEY,
      allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS,
      // Each has its own places, so neither waits for the other.
      connections: concurrency + config.RECADO_AI_TRIALS,
      timeoutMs: options.modelTimeoutMs ?? MODEL_TIMEOUT_MS,
    }),
    trials: { byTenant: createTurns(MAX_WAITING_TRIALS), all: createTurns(MAX_WAITING_TRIALS) },
    conversation: createClient(conversationApi, {
      name: 'conversation',
      baseUrl: config.RECADO_CONVERSATION_URL,
      tokens,
    }),
    now: options.now ?? (() => new Date()),
  };
  const worker = startWorker(deps, { concurrency, ...options.worker });
  const consumers = startConsumers(deps, { bus, registry, kickWorker: worker.kick });
  const pruning = setInterval(() => {
    withWorker(workerDb, pruneReplies).catch((err) => log.warn({ err }, 'old replies could not be dropped; later'));
  }, PRUNE_MS).unref();
  const app = buildApp(deps, {
    registry,
    ready: serviceChecks({ name: 'ai-responder', db, workerDb, bus, relay, consumers }),
    validateResponses: options.validateResponses,
  });
  const stop = () =>
    stopInOrder(
      [
        ['http', () => app.close()],
        ['consumers', () => Promise.all(consumers.map((consumer) => consumer.stop()))],
        ['worker', () => worker.stop()],
        ['relay', () => relay.stop()],
        [
          'nats',
          async () => {
            deps.policies.stop();
            await bus.close();
          },
        ],
        ['clients', () => Promise.all([deps.conversation.close(), identity.close(), deps.model.close()])],
        [
          'postgres',
          () => {
            clearInterval(pruning);
            return Promise.all([db.close(), workerDb.close()]);
          },
        ],
      ],
      log,
    );
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  log.info({ url }, 'ai-responder listens');
  return { url, app, stop };
}
