import { connect, withWorker } from '@recado/database';
import { connectBus, startRelay } from '@recado/messaging';
import { createLogger, createRegistry, serviceChecks, stopInOrder } from '@recado/service-kit';
import { buildApp } from './app.ts';
import { pruneAudit } from './audit/prune.ts';
import { startAuditConsumers } from './audit/start-consumers.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/start-consumers.ts';
import { pruneMinutes } from './counts/store.ts';
import type { Deps } from './deps.ts';
import { startAnnouncer } from './realtime/announce.ts';

const PRUNE_MS = 10 * 60_000;

/** Starts analytics: its API, its consumers and its relay. */
export async function startAnalytics(config: Config, options: { validateResponses?: boolean; now?: () => Date } = {}) {
  const log = createLogger({ name: 'analytics', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const registry = createRegistry('analytics');
  const deps: Deps = {
    config,
    log,
    registry,
    db: connect({ url: config.DATABASE_URL, name: 'analytics', max: 4 }),
    workerDb: connect({ url: config.DATABASE_WORKER_URL, name: 'analytics-worker', max: 8 }),
    bus: await connectBus({ url: config.NATS_URL, name: 'analytics', log }),
    now: options.now ?? (() => new Date()),
  };
  const relay = startRelay({
    db: deps.workerDb.sql,
    writers: [deps.db.sql],
    bus: deps.bus,
    service: 'analytics',
    log,
    registry,
  });
  const announcer = startAnnouncer(deps);
  const consumers = [...startConsumers(deps, announcer.moved), ...startAuditConsumers(deps)];
  const pruning = setInterval(() => {
    withWorker(deps.workerDb, (tx) => pruneMinutes(tx, deps.now())).catch((err) =>
      log.warn({ err }, 'old minutes could not be dropped; later'),
    );
    pruneAudit(deps).catch((err) => log.warn({ err }, 'old lines of the audit log could not be dropped; later'));
  }, PRUNE_MS).unref();

  const app = buildApp(deps, {
    ready: serviceChecks({ ...deps, name: 'analytics', relay, consumers }),
    validateResponses: options.validateResponses,
  });
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  log.info({ url }, 'analytics is ready');

  return {
    url,
    app,
    async stop() {
      clearInterval(pruning);
      await stopInOrder(
        [
          ['http', () => app.close()],
          ['consumers', () => Promise.all(consumers.map((consumer) => consumer.stop()))],
          ['announcer', () => announcer.stop()],
          ['relay', () => relay.stop()],
          ['nats', () => deps.bus.close()],
          ['postgres', () => Promise.all([deps.db.close(), deps.workerDb.close()])],
        ],
        log,
      );
    },
  };
}
