import { buildEvent, metricsUpdated } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { BaseDeps } from '@recado/service';
import type { Config } from '../config.ts';
import { findRealtime } from './store.ts';

export interface Announcer {
  /** These tenants' figures moved. */
  moved(tenantIds: Iterable<string>): void;
  stop(): Promise<void>;
}

/**
 * Tenants announced together: a flood over thousands of tenants must not become one long
 * transaction.
 */
const BATCH = 100;

/**
 * Publishes `metrics.updated` for tenants with changed figures, at most once in `everyMs`. After a
 * kill the next change announces them; the counters are committed elsewhere.
 */
export function startAnnouncer(deps: BaseDeps<Config>, everyMs = 1000): Announcer {
  const dirty = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  async function announce(): Promise<void> {
    const tenants = [...dirty].slice(0, BATCH);
    for (const tenantId of tenants) dirty.delete(tenantId);
    try {
      await withWorker(deps.workerDb, async (tx) => {
        const now = deps.now();
        const figures = await Promise.all(
          tenants.map((tenantId) => findRealtime(tx, tenantId, now, deps.config.RECADO_DEFAULT_TIMEZONE)),
        );
        await enqueue(
          tx,
          tenants.map((tenantId, i) =>
            buildEvent(metricsUpdated, { tenantId, data: { realtime: figures[i]! }, time: now }),
          ),
        );
      });
    } catch (error) {
      for (const tenantId of tenants) dirty.add(tenantId);
      deps.log.warn({ err: error, tenants: tenants.length }, 'live figures could not be published; trying again');
    }
    if (dirty.size > 0) arm();
  }

  function arm(): void {
    timer ??= setTimeout(() => {
      timer = null;
      running = announce();
    }, everyMs).unref();
  }

  return {
    moved(tenantIds) {
      for (const tenantId of tenantIds) dirty.add(tenantId);
      if (dirty.size > 0) arm();
    },
    async stop() {
      if (timer) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}
