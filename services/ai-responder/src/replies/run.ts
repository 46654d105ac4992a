import { withWorker } from '@recado/database';
import { postponeJob, type RunningJob } from '@recado/jobs';
import type { ReplyDeps } from '../deps.ts';
import { beginReply } from './begin.ts';
import { decide } from './decide.ts';
import { settle } from './settle.ts';

/** Between the calls of the model that failed: three calls in all, then a person is asked for. */
export const DEFAULT_PAUSES_MS = [1000, 5000];
/** Until a reply is looked at again that a copy of the version before holds. */
const HELD_PAUSE_MS = 5000;

type ReplyJob = RunningJob<{ inboundMessageId: string }>;

/** Works on one due reply. No transaction is open while others are asked. */
export async function runReply(deps: ReplyDeps, job: ReplyJob, pausesMs: readonly number[]): Promise<void> {
  const begun = await withWorker(deps.workerDb, (tx) => beginReply(tx, job.tenantId, job.data.inboundMessageId));
  if (begun === 'ended') return;
  if (begun === 'held') {
    await job.commit((tx) => postponeJob(tx, job, HELD_PAUSE_MS));
    return;
  }
  const decision = await decide(deps, begun, { pausesMs, signal: job.signal });
  await settle(deps, { job, reply: begun }, decision);
  const { tenantId, conversationId, inboundMessageId } = begun;
  deps.log.debug({ tenantId, conversationId, inboundMessageId, outcome: decision.kind }, 'reply settled');
}
