import type { BaseDeps } from '@recado/service';
import type { ChannelCheck } from '../../channels/checks/check.ts';
import type { Directory } from '../../channels/directory.ts';
import type { ChannelTotals } from '../../channels/totals.ts';
import type { Config } from '../../config.ts';
import type { ConnectorMetrics } from '../../metrics.ts';
import type { BringDeps } from '../../provider-files/bring.ts';
import { type Breakers, createBreakers } from '../pace/breaker.ts';
import { createDemand, type Demand, sharePlaces } from '../pace/demand.ts';
import type { Pace } from '../pace/pace.ts';
import type { RetryLimits } from '../rules.ts';
import { createRecorder, type Recorder } from './recorder.ts';

export interface SenderDeps extends Pick<BaseDeps<Config>, 'config' | 'workerDb' | 'log' | 'now'>, BringDeps {
  metrics: ConnectorMetrics;
  directory: Directory;
  totals: ChannelTotals;
  check: ChannelCheck;
  pace: Pace;
}

/** What the steps of the sender share. */
export interface Sending extends SenderDeps {
  limits: RetryLimits;
  recorder: Recorder;
  demand: Demand;
  breakers: Breakers;
  /** Due rows of one channel that are looked for at most. */
  perChannel: number;
  /** Claims that failed without telling whether they had committed. */
  lostClaims: Set<string>;
  /** When the table was read last, by the steady clock. */
  polledAt: number;
  /** There may be something to send. */
  wake(): void;
}

export function createSending(deps: SenderDeps, wake: () => void): Sending {
  const { config } = deps;
  const places = sharePlaces(config.RECADO_SEND_CONCURRENCY);
  return {
    ...deps,
    limits: {
      maxTries: config.RECADO_SEND_MAX_TRIES,
      maxAgeMs: config.RECADO_SEND_MAX_AGE_MS,
      backoffMs: config.RECADO_SEND_BACKOFF_MS,
    },
    recorder: createRecorder(deps, {
      leaseMs: config.RECADO_SEND_LEASE_MS,
      uncertainMs: config.RECADO_UNCERTAIN_AFTER_MS,
    }),
    demand: createDemand(places),
    breakers: createBreakers(),
    perChannel: places.perChannel,
    lostClaims: new Set(),
    polledAt: Number.NEGATIVE_INFINITY,
    wake,
  };
}
