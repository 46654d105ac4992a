import type { AuditOrigin, WebhookDelivery, WebhookReplay } from '@recado/contracts';
import { type Database, readTenant, withTenant } from '@recado/database';
import { enqueueJob, enqueueJobs, findJob, type JobRow, type RunningJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { Conflict, NotFound } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockEndpoint } from '../webhook-endpoints/store.ts';
import { endpointAudit } from '../webhook-endpoints/views.ts';
import { deliveryJob, replayJob } from './job.ts';
import { reopenDelivery, reopenFailed, selectDelivery } from './store.ts';
import { assertEnabled } from './test-event.ts';
import { viewDelivery } from './views.ts';

/** Live events go before what is sent again. */
const PRIORITY = -1;

/** Sends one again, with all its tries; not one that waits. @throws NotFound, Conflict */
export async function replayOne(deps: Deps, origin: AuditOrigin, id: string): Promise<WebhookDelivery> {
  const { tenantId } = origin;
  return withTenant(deps.db, tenantId, async (tx) => {
    const [found] = await selectDelivery(tx, tenantId, id);
    if (!found) throw new NotFound('webhook_delivery', id);
    const { payload: _, enabled, ...before } = found;
    assertEnabled(enabled);
    if (before.erasedAt) throw new Conflict('The contact of this delivery was erased');
    const [row] = await reopenDelivery(tx, tenantId, id);
    if (!row) return viewDelivery(before);
    await enqueueJob(tx, deliveryJob, tenantId, { deliveryId: id }, { priority: PRIORITY });
    const changes = { delivery: { from: before.status, to: row.eventType } };
    await enqueue(tx, endpointAudit('replay', row.endpointId, changes, origin, deps.now()));
    return viewDelivery(row);
  });
}

/** Orders all that failed since a time to be sent again. @throws NotFound, Conflict */
export async function replayFailed(
  deps: Deps,
  origin: AuditOrigin,
  endpointId: string,
  since: string,
): Promise<WebhookReplay> {
  const { tenantId } = origin;
  const now = deps.now();
  const id = await withTenant(deps.db, tenantId, async (tx) => {
    const { enabled } = await lockEndpoint(tx, tenantId, endpointId);
    assertEnabled(enabled);
    const before = now.toISOString();
    const changes = { since: { from: null, to: since } };
    await enqueue(tx, endpointAudit('replay', endpointId, changes, origin, now));
    return enqueueJob(tx, replayJob, tenantId, { endpointId, since, before });
  });
  return findReplay(deps.db, tenantId, id!);
}

/** How far it is. @throws NotFound */
export async function findReplay(db: Database, tenantId: string, id: string): Promise<WebhookReplay> {
  const [job] = await readTenant(db, tenantId, (tx) => [findJob(tx, tenantId, id)]);
  if (job?.name !== replayJob.name) throw new NotFound('webhook_replay', id);
  return { id, state: job.state, replayed: replayedOf(job) };
}

const replayedOf = ({ progress }: Pick<JobRow, 'progress'>): number =>
  (progress as { replayed?: number } | null)?.replayed ?? 0;

type Order = RunningJob<{ endpointId: string; since: string; before: string }>;

const AT_ONCE = 500;

/**
 * Orders what failed before the order, some at a time. What was replayed has failed no more, so a
 * second run goes on where the first one died.
 */
export async function runReplay({ workerDb }: Pick<Deps, 'workerDb'>, job: Order): Promise<void> {
  const { tenantId, data } = job;
  const [before] = await readProgress(workerDb, job);
  let replayed = before ? replayedOf(before) : 0;
  for (;;) {
    const ids = await job.commit(async (tx) => {
      const reopened = await reopenFailed(tx, tenantId, data.endpointId, data, AT_ONCE);
      const jobs = reopened.map(({ id }) => ({ tenantId, data: { deliveryId: id }, priority: PRIORITY }));
      await enqueueJobs(tx, deliveryJob, jobs);
      replayed += reopened.length;
      await tx`
        update jobs set progress = ${tx.json({ replayed })}
        where tenant_id = ${tenantId} and id = ${job.id} and claim = ${job.claim}`;
      return reopened;
    });
    if (ids.length < AT_ONCE) return;
    job.progress({ replayed });
    job.signal.throwIfAborted();
  }
}

const readProgress = async ({ sql }: Database, { tenantId, id }: Order) => [await findJob(sql, tenantId, id)];
