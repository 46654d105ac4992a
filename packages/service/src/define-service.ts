import type { ServiceName } from '@recado/contracts';
import { connect, type Database, WORK_STATEMENT_MS } from '@recado/database';
import { type Bus, connectBus, type EventConsumer, startRelay } from '@recado/messaging';
import {
  buildHttp,
  createInternalTokens,
  createLogger,
  createRegistry,
  type InternalTokens,
  type BaseConfig as KitConfig,
  type Logger,
  type ReadyChecks,
  type Registry,
  type ServiceParts,
  serviceChecks,
  stopInOrder,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { type Closing, createClosing } from './closing.ts';

/** The variables of every service with a schema. */
export type BaseConfig = KitConfig & { DATABASE_URL: string; DATABASE_WORKER_URL: string };

/** What every service works with. */
export interface BaseDeps<C extends BaseConfig = BaseConfig> {
  service: ServiceName;
  config: C;
  log: Logger;
  registry: Registry;
  /** Tenant-scoped role: requests. */
  db: Database;
  /** Worker role: consumers, loops and the relay. It sees every tenant. */
  workerDb: Database;
  bus: Bus;
  internalTokens: InternalTokens;
  now: () => Date;
}

/** A service as data. */
export interface ServiceDefinition<C extends BaseConfig, D extends BaseDeps<C>, O extends ServiceOptions> {
  name: ServiceName;
  /** Connections at most; 10 each by default. */
  pools?: { requests?: number; worker?: number };
  /** Adds what only this service works with, and how that stops. */
  deps(base: BaseDeps<C>, closing: Closing, options: O): D | Promise<D>;
  routes: readonly ((app: FastifyInstance, deps: D) => void)[];
  /** Starts the consumers. */
  consumers?(deps: D): EventConsumer[];
  /** Deletes old rows; called every ten minutes. */
  prune?(deps: D): Promise<unknown>;
  /** The service's Redis, for its readiness. */
  redis?(deps: D): ServiceParts['redis'];
  /** What it uses but can do without; shown at `/health/ready`. */
  uses?(deps: D): ReadyChecks;
}

/** For tests. */
export interface ServiceOptions {
  /** Parse every answer against its contract. */
  validateResponses?: boolean;
  now?: () => Date;
}

export interface RunningService<D> {
  url: string;
  app: FastifyInstance;
  deps: D;
  /** Finishes what is under way, publishes, and closes every connection. */
  stop(): Promise<void>;
}

const PRUNE_MS = 10 * 60_000;

/**
 * Makes a service's start function: pools, bus, relay, consumers, HTTP.
 * The function throws when the port is taken or NATS stays away at the start.
 */
export function defineService<C extends BaseConfig, D extends BaseDeps<C>, O extends ServiceOptions = ServiceOptions>(
  definition: ServiceDefinition<C, D, O>,
): (config: C, options?: O) => Promise<RunningService<D>> {
  const { name } = definition;
  return async (config, options = {} as O) => {
    const { closing, stages } = createClosing();
    const base = await createBase(definition, config, options);
    const { log, registry, db, workerDb, bus } = base;
    const relay = startRelay({ db: workerDb.sql, writers: [db.sql], bus, service: name, log, registry });
    let consumers: EventConsumer[] = [];
    let app: FastifyInstance | undefined;
    let pruning: NodeJS.Timeout | undefined;
    const stop = () =>
      stopInOrder(
        [
          ['http', () => app?.close()],
          ...stages.afterHttp,
          ['consumers', () => Promise.all(consumers.map((consumer) => consumer.stop()))],
          ...stages.afterConsumers,
          ['pruning', () => clearInterval(pruning)],
          ['relay', () => relay.stop()],
          ['nats', () => bus.close()],
          ...stages.last,
          ['postgres', () => Promise.all([db.close(), workerDb.close()])],
        ],
        log,
      );
    try {
      const deps = await definition.deps(base, closing, options);
      consumers = definition.consumers?.(deps) ?? [];
      pruning = setInterval(() => prune(definition, deps), PRUNE_MS).unref();
      app = buildHttp({
        name,
        log,
        registry,
        tokens: base.internalTokens,
        ready: serviceChecks({ name, db, workerDb, bus, relay, consumers, redis: definition.redis?.(deps) }),
        uses: definition.uses?.(deps),
        validateResponses: options.validateResponses,
      });
      for (const register of definition.routes) register(app, deps);
      const url = await app.listen({ host: config.HOST, port: config.PORT });
      log.info({ url }, `${name} listens`);
      return { url, app, deps, stop };
    } catch (error) {
      // A start that failed leaves nothing open.
      await stop();
      throw error;
    }
  };
}

async function createBase<C extends BaseConfig>(
  { name, pools = {} }: Pick<ServiceDefinition<C, BaseDeps<C>, ServiceOptions>, 'name' | 'pools'>,
  config: C,
  options: ServiceOptions,
): Promise<BaseDeps<C>> {
  const log = createLogger({ name, level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  return {
    service: name,
    config,
    log,
    registry: createRegistry(name),
    bus: await connectBus({ url: config.NATS_URL, name, log }),
    db: connect({ url: config.DATABASE_URL, name, max: pools.requests }),
    workerDb: connect({
      url: config.DATABASE_WORKER_URL,
      name: `${name}-worker`,
      max: pools.worker,
      statementMs: WORK_STATEMENT_MS,
    }),
    internalTokens: createInternalTokens(name, config),
    now: options.now ?? (() => new Date()),
  };
}

async function prune<D extends BaseDeps>(definition: { prune?(deps: D): Promise<unknown> }, deps: D): Promise<void> {
  try {
    await definition.prune?.(deps);
  } catch (err) {
    deps.log.warn({ err }, 'old rows could not be deleted; trying again in ten minutes');
  }
}
