import type { AddressInfo } from 'node:net';
import { connect, createTenantDirectory, WORK_STATEMENT_MS } from '@recado/database';
import { connectBus, startRelay } from '@recado/messaging';
import {
  createGuardedDispatcher,
  createInternalTokens,
  createLogger,
  createRegistry,
  createSealer,
  createTenantSource,
  serviceChecks,
  stopInOrder,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { createChannelCheck } from './channels/check.ts';
import { createDirectory } from './channels/directory.ts';
import { startTotals } from './channels/totals.ts';
import type { Config } from './config.ts';
import { consumeMessageRequested } from './consumers/message-requested.ts';
import { consumeMessageStatus } from './consumers/message-status.ts';
import { consumeTenants } from './consumers/tenant-changed.ts';
import type { Deps } from './deps.ts';
import { startJanitor } from './dispatches/janitor.ts';
import { createPace } from './dispatches/pace.ts';
import { startSender } from './dispatches/sender.ts';
import { createGraphClient } from './meta/graph-client.ts';
import { createConnectorMetrics } from './metrics.ts';
import { createInboundLimits } from './webhooks/inbound-limits.ts';
import { createStoreGroup } from './webhooks/store-group.ts';

const NAME = 'channel-connector';

export interface ConnectorOptions {
  /** For tests: answers are parsed against their contracts. */
  validateResponses?: boolean;
  now?: () => Date;
}

export interface RunningConnector {
  /** Where it listens. */
  url: string;
  app: FastifyInstance;
  /** Finishes what is on its way, publishes, and closes everything. */
  stop(): Promise<void>;
}

/** Starts the service: dependencies, HTTP, consumers, sender, relay. */
export async function startChannelConnector(config: Config, options: ConnectorOptions = {}): Promise<RunningConnector> {
  const log = createLogger({ name: NAME, level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const registry = createRegistry(NAME);
  const metrics = createConnectorMetrics(registry);
  const sealer = createSealer(config.RECADO_SECRETS_KEYS);
  const db = connect({ url: config.DATABASE_URL, name: NAME });
  const worker = connect({ url: config.DATABASE_WORKER_URL, name: `${NAME}-worker`, statementMs: WORK_STATEMENT_MS });
  const bus = await connectBus({ url: config.NATS_URL, name: NAME, log });
  const relay = startRelay({ db: worker.sql, writers: [db.sql], bus, service: NAME, log, registry });
  const pace = createPace(config.REDIS_URL, log);
  const dispatcher = createGuardedDispatcher({
    allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS,
    timeoutMs: config.RECADO_SEND_TIMEOUT_MS,
    // One each: a send must never wait for another's connection.
    connections: config.RECADO_SEND_CONCURRENCY,
  });
  const graph = createGraphClient({
    baseUrl: config.RECADO_META_GRAPH_URL,
    dispatcher,
    sendTimeoutMs: config.RECADO_SEND_TIMEOUT_MS,
  });
  const now = options.now ?? (() => new Date());
  const directory = createDirectory({ worker, sealer, log, appSecret: config.RECADO_META_APP_SECRET });
  const identity = createTenantSource({
    baseUrl: config.RECADO_IDENTITY_URL,
    tokens: createInternalTokens(NAME, config),
  });
  const totals = startTotals(worker, log);
  const check = createChannelCheck({ worker, sealer, directory, graph, log, now });
  const deps: Deps = {
    config,
    log,
    now,
    db,
    worker,
    bus,
    registry,
    metrics,
    sealer,
    directory,
    tenants: createTenantDirectory(db, identity.ask),
    graph,
    totals,
    check,
  };

  const group = createStoreGroup(deps);
  const inbound = createInboundLimits(config.REDIS_URL, config.RECADO_RATE_LIMIT_FACTOR, log);
  const sender = startSender({ ...deps, pace });
  const janitor = startJanitor({ ...deps, sender });
  const consumers = [
    consumeMessageRequested(deps, sender),
    consumeMessageStatus(deps, sender),
    ...consumeTenants(deps),
  ];
  const app = buildApp(deps, {
    group,
    inbound,
    ready: serviceChecks({ name: NAME, db, workerDb: worker, bus, relay, consumers, redis: pace.redis }),
    validateResponses: options.validateResponses,
  });
  await app.listen({ host: config.HOST, port: config.PORT });
  const { port } = app.server.address() as AddressInfo;
  log.info({ port }, 'listening');

  return {
    url: `http://${config.HOST}:${port}`,
    app,
    stop: () =>
      stopInOrder(
        [
          ['http', () => app.close()],
          ['webhooks', () => group.drain()],
          ['consumers', () => Promise.all(consumers.map((consumer) => consumer.stop()))],
          ['sender', () => Promise.all([sender.stop(), janitor.stop()])],
          ['totals', () => totals.stop()],
          ['relay', () => relay.stop()],
          [
            'connections',
            () =>
              Promise.all([
                pace.close(),
                inbound.close(),
                dispatcher.destroy(),
                identity.close(),
                bus.close(),
                db.close(),
                worker.close(),
              ]),
          ],
        ],
        log,
      ),
  };
}
