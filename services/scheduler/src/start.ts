import { connect } from '@recado/database';
import { connectBus, startRelay } from '@recado/messaging';
import { createInternalTokens, createLogger, createRegistry, serviceChecks, stopInOrder } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { startTimerOrders } from './consumers/timer-orders.ts';
import { startTimerLoop } from './timers/loop.ts';

export interface Scheduler {
  url: string;
  app: FastifyInstance;
  stop(): Promise<void>;
}

/** Starts the scheduler: pools, bus, relay, consumers, the timers' loop, HTTP. @throws when the port is taken */
export async function startScheduler(config: Config): Promise<Scheduler> {
  const log = createLogger({ name: 'scheduler', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const registry = createRegistry('scheduler');
  const db = connect({ url: config.DATABASE_URL, name: 'scheduler', max: 5 });
  const workerDb = connect({ url: config.DATABASE_WORKER_URL, name: 'scheduler-worker', max: 6 });
  const bus = await connectBus({ url: config.NATS_URL, name: 'scheduler', log });
  const relay = startRelay({ db: workerDb.sql, writers: [db.sql], bus, service: 'scheduler', log, registry });
  const loop = startTimerLoop({ workerDb, log, registry });
  const orders = startTimerOrders({ bus, workerDb, log, registry, kickLoop: loop.kick });
  const app = buildApp(
    { db },
    {
      log,
      registry,
      tokens: createInternalTokens('scheduler', config),
      ready: serviceChecks({ name: 'scheduler', db, workerDb, bus, relay, consumers: orders }),
    },
  );
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  log.info({ url }, 'scheduler listens');
  return {
    url,
    app,
    stop: () =>
      stopInOrder(
        [
          ['http', () => app.close()],
          ['orders', () => Promise.all(orders.map((consumer) => consumer.stop()))],
          ['timers', () => loop.stop()],
          ['relay', () => relay.stop()],
          ['nats', () => bus.close()],
          ['postgres', () => Promise.all([db.close(), workerDb.close()])],
        ],
        log,
      ),
  };
}
