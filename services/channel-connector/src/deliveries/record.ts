import { type AuditOrigin, buildEvent, webhookDisabled } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { endJobs, type RunningJob } from '@recado/jobs';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import { endpointAudit } from '../webhook-endpoints/views.ts';
import type { DeliveryDeps } from './delivery-deps.ts';
import type { Step } from './rules.ts';
import { GIVE_UP_AFTER_MS } from './schedule.ts';
import type { Sent } from './send.ts';
import { type DeliveryEnd, type Disabled, endDeliveries, type Health, type Loaded, noteHealth } from './store.ts';

interface Of {
  job: RunningJob;
  delivery: Loaded;
}
/** A try with its result; `sent` null: the endpoint is switched off. */
interface Tried extends Of {
  sent: Sent | null;
  step: Step;
}
/** There was no place for a try: later. */
interface Postponed extends Of {
  postponeMs: number;
}
export type End = Tried | Postponed;

/**
 * Writes what came of jobs, in one transaction for all: job, delivery, the endpoint's health, and
 * the events of those that are switched off. A job whose lease was lost changes nothing.
 */
export async function recordEnds({ workerDb, log, now, metrics }: DeliveryDeps, ends: readonly End[]): Promise<void> {
  await withWorker(workerDb, async (tx) => {
    const held = await endJobs(
      tx,
      ends.map((end) => ({ job: end.job, pauseMs: pauseOf(end) })),
    );
    const tried = ends.filter((end): end is Tried => 'step' in end && held.has(end.job.id));
    if (tried.length === 0) return;
    await endDeliveries(tx, tried.map(deliveryEnd));
    const health = healthOf(tried);
    if (health.length === 0) return;
    const disabled = await noteHealth(tx, health, GIVE_UP_AFTER_MS);
    if (disabled.length === 0) return;
    await enqueue(
      tx,
      disabled.flatMap((one) => disabledEvents(one, now())),
    );
    tx.onCommit(() => {
      metrics.webhooksOut.disabled.inc(disabled.length);
      for (const { tenantId, id, reason } of disabled)
        log.info({ tenantId, endpointId: id, reason }, 'a webhook endpoint is switched off');
    });
  });
}

/** Null: the job is done. */
function pauseOf(end: End): number | null {
  if ('postponeMs' in end) return end.postponeMs;
  return end.step.kind === 'again' ? end.step.pauseMs : null;
}

function deliveryEnd({ delivery: { tenantId, id }, sent, step }: Tried): DeliveryEnd {
  const attempt = sent && {
    at: sent.at.toISOString(),
    durationMs: sent.durationMs,
    status: sent.status,
    error: sent.error,
    response: sent.response,
  };
  const status = step.kind === 'delivered' ? 'delivered' : step.kind === 'again' ? 'pending' : 'failed';
  return { tenantId, id, attempt, status, pauseMs: step.kind === 'again' ? step.pauseMs : null };
}

/** One note for each endpoint: of its tries of a moment, a success counts more than a failure. */
function healthOf(tried: readonly Tried[]): Health[] {
  const notes = new Map<string, Health>();
  for (const { delivery, sent, step } of tried) {
    if (!sent) continue;
    const { tenantId, endpointId: id } = delivery;
    const note = notes.get(id) ?? { tenantId, id, ok: false, gone: false, restMs: null };
    if (step.kind === 'delivered') note.ok = true;
    if (step.kind === 'gone') note.gone = true;
    if (step.kind === 'again' && step.restMs !== null) note.restMs = Math.max(note.restMs ?? 0, step.restMs);
    notes.set(id, note);
  }
  return [...notes.values()];
}

function disabledEvents({ tenantId, id, name, url, reason }: Disabled, at: Date): OutgoingEvent[] {
  const data = { endpointId: id, name, url, reason, at: at.toISOString() };
  const changes = { enabled: { from: true, to: false }, disabledReason: { from: null, to: reason } };
  return [
    buildEvent(webhookDisabled, { tenantId, subject: id, time: at, data }),
    endpointAudit('disable', id, changes, asConnector(tenantId), at),
  ];
}

const asConnector = (tenantId: string): AuditOrigin => ({
  tenantId,
  actor: { kind: 'service', userId: null, apiKeyId: null, service: 'channel-connector' },
  ip: null,
  userAgent: null,
  edition: null,
  requestId: null,
});
