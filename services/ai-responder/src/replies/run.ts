import { withWorker } from '@recado/database';
import { postponeJob, type RunningJob } from '@recado/jobs';
import type { ReplyDeps } from '../deps.ts';
import { beginReply } from './begin.ts';
import { decide } from './decide.ts';
import { settle } from './settle.ts';

/** Between the calls of the model that failed: three calls in all, then a person is asked for. */
export const DEFAULT_PAUSES_MS = [1000, 5000];
/** Until a reply is looked at again that waits for another. */
const PAUSES_MS = { held: 5000, busy: 250 };

type ReplyJob = RunningJob<{ inboundMessageId: string }>;

/** Works on one due reply. No transaction is open while others are asked. */
export async function runReply(deps: ReplyDeps, job: ReplyJob, pausesMs: readonly number[]): Promise<void> {
  const { inboundMessageId } = job.data;
  // Before it begins: a message that supersedes it from then on ends the call.
  const superseded = deps.writing.begin(inboundMessageId);
  try {
    const begun = await withWorker(deps.workerDb, (tx) => beginReply(tx, job.tenantId, inboundMessageId));
    if (begun === 'ended') return;
    if (begun === 'held' || begun === 'busy') {
      await job.commit((tx) => postponeJob(tx, job, PAUSES_MS[begun]));
      return;
    }
    const decision = await decide(deps, begun, { pausesMs, signal: job.signal, superseded });
    await settle(deps, { job, reply: begun }, decision);
    const { tenantId, conversationId } = begun;
    deps.log.debug({ tenantId, conversationId, inboundMessageId, outcome: decision.kind }, 'reply settled');
  } finally {
    deps.writing.end(inboundMessageId);
  }
}
