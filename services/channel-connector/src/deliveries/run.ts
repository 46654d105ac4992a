import { setTimeout as pause } from 'node:timers/promises';
import { isConnectionError } from '@recado/database';
import type { RunningJob } from '@recado/jobs';
import { createGroup, type Group } from '@recado/service-kit';
import type { Agent } from 'undici';
import { openSecret } from '../webhook-endpoints/secret.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import type { Lanes } from './lanes.ts';
import { type End, recordEnds } from './record.ts';
import { stepAfter } from './rules.ts';
import { type Sent, sendWebhook } from './send.ts';
import { type Loaded, loadDeliveries } from './store.ts';

/** Runs delivery jobs. What they read and write goes together, for all that run at a moment. */
export interface DeliveryRunner {
  run(job: RunningJob<{ deliveryId: string }>): Promise<void>;
  drain(): Promise<void>;
}

interface Parts {
  dispatcher: Agent;
  lanes: Lanes;
  deadlineMs: number;
}

/** A result is not written later than this before the lease ends: another copy may try then. */
const MARGIN_MS = 5000;

export function createDeliveryRunner(deps: DeliveryDeps, parts: Parts): DeliveryRunner {
  const loads: Group<{ tenantId: string; id: string }, Loaded | null> = createGroup({
    run: async (keys) => {
      const rows = new Map((await loadDeliveries(deps.workerDb.sql, keys)).map((row) => [row.id, row]));
      return keys.map(({ id }) => rows.get(id) ?? null);
    },
  });
  const ends: Group<End, unknown> = createGroup({
    maxBatch: 128,
    run: async (batch) => {
      try {
        await recordEnds(deps, batch);
        return batch.map(() => null);
      } catch (error) {
        if (batch.length === 1 || isConnectionError(error)) throw error;
        return recordAlone(batch);
      }
    },
  });

  /** One end that cannot be written keeps no other from it. */
  async function recordAlone(batch: readonly End[]): Promise<unknown[]> {
    const results: unknown[] = [];
    for (const end of batch) {
      results.push(
        await recordEnds(deps, [end]).then(
          () => null,
          (error: unknown) => error,
        ),
      );
    }
    return results;
  }

  /** Tries to write until it works or the lease ends: the receiver has got the event already. */
  async function write(end: End): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        const failure = await ends.add(end);
        if (failure === null) return;
        throw failure;
      } catch (error) {
        if (end.job.signal.aborted || performance.now() + MARGIN_MS > end.job.leaseEnds) throw error;
        if (failures === 1) deps.log.warn({ err: error }, 'results of webhooks could not be written; trying again');
        await pause(250);
      }
    }
  }

  return {
    drain: async () => {
      await Promise.all([loads.drain(), ends.drain()]);
    },
    async run(job) {
      const delivery = await loads.add({ tenantId: job.tenantId, id: job.data.deliveryId });
      if (delivery?.status !== 'pending') return;
      if (!delivery.enabled) return write({ job, delivery, sent: null, step: { kind: 'failed' } });
      const restMs = (delivery.pausedUntil?.getTime() ?? 0) - deps.now().getTime();
      if (restMs > 0) return write({ job, delivery, postponeMs: restMs });
      const place = parts.lanes.take(delivery.endpointId);
      if ('waitMs' in place) return write({ job, delivery, postponeMs: place.waitMs });
      const sent = await send(delivery, job.signal, place);
      const step = stepAfter(sent, delivery.tries + 1);
      deps.metrics.webhooksOut.tries.inc({ result: step.kind });
      deps.metrics.webhooksOut.seconds.observe(sent.durationMs / 1000);
      await write({ job, delivery, sent, step });
    },
  };

  async function send(
    delivery: Loaded,
    signal: AbortSignal,
    place: Extract<ReturnType<Lanes['take']>, { end: unknown }>,
  ): Promise<Sent> {
    const began = performance.now();
    let ok = false;
    deps.metrics.webhooksOut.inFlight.inc();
    try {
      const secrets = secretsOf(deps, delivery);
      const { dispatcher, deadlineMs } = parts;
      const sent = await sendWebhook({ ...delivery, secrets }, { dispatcher, deadlineMs, signal, now: deps.now() });
      ok = sent.status !== null && sent.status < 300;
      return sent;
    } finally {
      deps.metrics.webhooksOut.inFlight.dec();
      place.end({ ok, durationMs: performance.now() - began });
    }
  }
}

/** Those that sign now: the present one, and the former one until its time is over. */
function secretsOf({ sealer, now }: DeliveryDeps, { endpointId, ...row }: Loaded): string[] {
  const { secret, previousSecret, previousSecretUntil } = row;
  const former = previousSecret && previousSecretUntil && previousSecretUntil > now() ? [previousSecret] : [];
  return [secret, ...former].map((sealed) => openSecret(sealer, endpointId, sealed));
}
