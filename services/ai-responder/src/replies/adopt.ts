import { type Tx, withWorker } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import { type Loop, startLoop } from '@recado/loops';
import type { ReplyDeps } from '../deps.ts';
import { replyJob } from './job.ts';
import { FREE_AFTER, replyKey } from './store.ts';

const EVERY_MS = 10_000;
const BATCH = 500;

/**
 * Gives jobs to due replies without one: those of the version before, which claims rows of
 * pending_replies. Its copies may run at the same time: the first to lock a row has it.
 */
export function startAdoption({ workerDb, log }: ReplyDeps): Loop {
  return startLoop({
    log,
    failure: 'replies of the version before could not be adopted; trying again',
    failurePauseMs: 1000,
    round: async () => ((await withWorker(workerDb, adoptReplies)) === BATCH ? 0 : EVERY_MS),
  });
}

/** Returns how many replies were free. One that has a job keeps it: the key is known. */
export async function adoptReplies(tx: Tx): Promise<number> {
  const adopted = await tx<(typeof replyKey.$row)[]>`
    with free as materialized (
      select tenant_id, inbound_message_id from pending_replies
      where state in ('due', 'working') and next_try_at <= statement_timestamp()
      order by next_try_at limit ${BATCH} for update skip locked
    )
    update pending_replies p
    set state = 'due', lease_id = null, next_try_at = now() + ${FREE_AFTER}::interval, updated_at = now()
    from free where p.tenant_id = free.tenant_id and p.inbound_message_id = free.inbound_message_id
    returning ${replyKey(tx)}`;
  await enqueueJobs(tx, replyJob, adopted.map(jobOf));
  return adopted.length;
}

/** The job of a due reply. */
export const jobOf = ({ tenantId, inboundMessageId }: typeof replyKey.$row) => ({
  tenantId,
  data: { inboundMessageId },
  key: inboundMessageId,
});
