import type { ServiceName } from '@recado/contracts';
import { connect, type Database, WORK_STATEMENT_MS } from '@recado/database';
import { type Bus, connectBus, type EventConsumer, startRelay } from '@recado/messaging';
import {
  buildHttp,
  type Closing,
  createInternalTokens,
  defineProcess,
  type InternalTokens,
  type BaseConfig as KitConfig,
  type ProcessBase,
  type ReadyChecks,
  type RunningProcess,
  type ServiceParts,
  serviceChecks,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { measurePlaces } from './pool-metrics.ts';
import { startPruning } from './prune.ts';

/** The variables of every service with a schema. */
export type BaseConfig = KitConfig & { DATABASE_URL: string; DATABASE_WORKER_URL: string };

/** What every service works with. */
export interface BaseDeps<C extends BaseConfig = BaseConfig> extends ProcessBase<C> {
  /** Tenant-scoped role: requests. */
  db: Database;
  /** Worker role: consumers, loops and the relay. It sees every tenant. */
  workerDb: Database;
  bus: Bus;
  internalTokens: InternalTokens;
  now: () => Date;
  eventPausesMs?: readonly number[] | undefined;
}

/** A service with a schema, as data. The gateway has none: service-kit's `defineProcess`. */
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
  /** Between the tries of an event. */
  eventPausesMs?: readonly number[] | undefined;
}

export type RunningService<D> = RunningProcess<D>;

/**
 * Makes a service's start function: pools, bus, relay, consumers, HTTP.
 * The function throws when the port is taken or NATS stays away at the start.
 */
export function defineService<C extends BaseConfig, D extends BaseDeps<C>, O extends ServiceOptions = ServiceOptions>(
  definition: ServiceDefinition<C, D, O>,
): (config: C, options?: O) => Promise<RunningService<D>> {
  const { name } = definition;
  return defineProcess<C, D, O>(name, async (process, closing, options) => {
    const base = await createBase(process, definition.pools, options);
    const { log, registry, db, workerDb, bus } = base;
    measurePlaces(registry, db);
    closing.pools('postgres', () => Promise.all([db.close(), workerDb.close()]));
    const relay = startRelay({ db: workerDb.sql, writers: [db.sql], bus, service: name, log, registry });
    closing.relay('relay', () => relay.stop());
    closing.relay('nats', () => bus.close());
    const deps = await definition.deps(base, closing, options);
    const consumers = definition.consumers?.(deps) ?? [];
    closing.consumers('consumers', () => Promise.all(consumers.map((consumer) => consumer.stop())));
    closing.afterConsumers(
      'pruning',
      startPruning(() => definition.prune?.(deps), log),
    );
    const app = buildHttp({
      name,
      log,
      registry,
      tokens: base.internalTokens,
      ready: serviceChecks({ name, db, workerDb, bus, relay, consumers, redis: definition.redis?.(deps) }),
      uses: definition.uses?.(deps),
      validateResponses: options.validateResponses,
    });
    // A scope of its own: @fastify/swagger sees the routes that are added once it is loaded.
    app.register(async (scope) => {
      for (const register of definition.routes) register(scope, deps);
    });
    return { deps, app };
  });
}

async function createBase<C extends BaseConfig>(
  process: ProcessBase<C>,
  pools: { requests?: number; worker?: number } = {},
  options: ServiceOptions,
): Promise<BaseDeps<C>> {
  const { service: name, config, log } = process;
  return {
    ...process,
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
    eventPausesMs: options.eventPausesMs,
  };
}
