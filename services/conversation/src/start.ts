import { connect, createTenantDirectory, withWorker } from '@recado/database';
import { connectBus, startRelay } from '@recado/messaging';
import {
  createFairTurns,
  createInternalTokens,
  createLogger,
  createRegistry,
  createTenantSource,
  serviceChecks,
  stopInOrder,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { createChannels } from './channels.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/start-consumers.ts';
import type { Deps } from './deps.ts';
import { SEND_PLACES } from './messages/accept.ts';
import { pruneKeys } from './messages/keys.ts';
import { createMetrics } from './metrics.ts';

const PRUNE_MS = 10 * 60_000;

export interface RunningConversation {
  url: string;
  app: FastifyInstance;
  stop(): Promise<void>;
}

/**
 * Starts conversation: pools, bus, relay, consumers, HTTP.
 * @throws when the port is taken or NATS stays away at the start
 */
export async function startConversation(
  config: Config,
  options: { validateResponses?: boolean; now?: () => Date } = {},
): Promise<RunningConversation> {
  const log = createLogger({ name: 'conversation', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const registry = createRegistry('conversation');
  const bus = await connectBus({ url: config.NATS_URL, name: 'conversation', log });
  const db = connect({ url: config.DATABASE_URL, name: 'conversation' });
  const workerDb = connect({ url: config.DATABASE_WORKER_URL, name: 'conversation-worker', max: 6 });
  const relay = startRelay({ db: workerDb.sql, writers: [db.sql], bus, service: 'conversation', log, registry });
  const tokens = createInternalTokens('conversation', config);
  const identity = createTenantSource({
    baseUrl: config.RECADO_IDENTITY_URL,
    tokens,
  });
  const deps: Deps = {
    config,
    log,
    db,
    workerDb,
    channels: createChannels({
      baseUrl: config.RECADO_CHANNEL_CONNECTOR_URL,
      tokens,
    }),
    tenants: createTenantDirectory(db, identity.ask),
    sends: createFairTurns(SEND_PLACES),
    metrics: createMetrics(registry),
    now: options.now ?? (() => new Date()),
  };
  const consumers = startConsumers(deps, bus, registry);
  const pruning = setInterval(() => {
    withWorker(workerDb, pruneKeys).catch((err) => log.warn({ err }, 'old send keys could not be dropped; later'));
  }, PRUNE_MS).unref();
  const app = buildApp(deps, {
    registry,
    ready: serviceChecks({ name: 'conversation', db, workerDb, bus, relay, consumers }),
    validateResponses: options.validateResponses,
  });
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  log.info({ url }, 'conversation listens');
  return {
    url,
    app,
    stop: () => {
      clearInterval(pruning);
      return stopInOrder(
        [
          ['http', () => app.close()],
          ['consumers', () => Promise.all(consumers.map((consumer) => consumer.stop()))],
          ['relay', () => relay.stop()],
          ['nats', () => bus.close()],
          ['clients', () => Promise.all([deps.channels.close(), identity.close()])],
          ['postgres', () => Promise.all([db.close(), workerDb.close()])],
        ],
        log,
      );
    },
  };
}
