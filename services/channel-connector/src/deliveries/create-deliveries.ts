import { type Runs, runs } from '@recado/jobs';
import type { BaseDeps } from '@recado/service';
import { createGuardedDispatcher, type Sealer } from '@recado/service-kit';
import type { Config } from '../config.ts';
import type { ConnectorMetrics } from '../metrics.ts';
import { eraseDeliveriesJob, runErasure } from './erase.ts';
import { deliveryJob, replayJob } from './job.ts';
import { createLanes } from './lanes.ts';
import { runReplay } from './replay.ts';
import { createDeliveryRunner } from './run.ts';

/** Tries of one endpoint at once, in a process. */
const LANE_WIDTH = 8;

interface Deliveries {
  /** For the service's workers. */
  runs: Runs[];
  /** After the workers have stopped. */
  close(): Promise<void>;
}

/** What runs the jobs of webhooks out. Its connections are its own: a send never waits for them. */
export function createDeliveries(deps: BaseDeps<Config> & { metrics: ConnectorMetrics; sealer: Sealer }): Deliveries {
  const { config } = deps;
  const deadlineMs = config.RECADO_WEBHOOK_TIMEOUT_MS;
  const dispatcher = createGuardedDispatcher({
    allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS,
    timeoutMs: deadlineMs,
    // Endpoints of many tenants may share a host: one of them must not hold its connections.
    connections: deliveryJob.concurrency.places,
  });
  const runner = createDeliveryRunner(deps, { dispatcher, deadlineMs, lanes: createLanes({ width: LANE_WIDTH }) });
  return {
    runs: [
      runs(deliveryJob, runner.run),
      runs(replayJob, (job) => runReplay(deps, job)),
      runs(eraseDeliveriesJob, runErasure),
    ],
    async close() {
      await runner.drain();
      await dispatcher.destroy();
    },
  };
}
