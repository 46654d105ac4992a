import { aiHandoff, aiReplyRequested, buildEvent } from '@recado/contracts';
import { type Tx, withWorker } from '@recado/database';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import type { ReplyDeps } from '../deps.ts';
import { addUsage } from '../usage/store.ts';
import type { Decision } from './decide.ts';
import { finishJob, type Job, postponeJob } from './queue.ts';

/**
 * Writes a decision down in one transaction: the reply's end, what it cost, and its event. Only the holder of the lease
 * publishes; the dedupe key keeps an event single even if a lease is lost between two commits. What was spent counts either way.
 */
export async function settle(deps: ReplyDeps, job: Job, decision: Decision): Promise<void> {
  await withWorker(deps.workerDb, async (tx) => {
    if (decision.spent) await addUsage(tx, job.tenantId, decision.spent.day, decision.spent.tokens);
    await end(tx, job, decision, deps.now());
  });
  if (decision.spent) deps.metrics.tokens.inc(decision.spent.tokens);
  deps.metrics.settled.inc({ outcome: decision.kind, reason: 'reason' in decision ? decision.reason : '' });
}

async function end(tx: Tx, job: Job, decision: Decision, now: Date): Promise<void> {
  switch (decision.kind) {
    case 'retry':
      return postponeJob(tx, job, decision.pauseMs, decision.failed);
    case 'drop':
      await finishJob(tx, job, 'dropped', decision.reason);
      return;
    case 'handoff':
      if (await finishJob(tx, job, 'handed_off', decision.reason))
        await enqueue(tx, handoff(job, decision.reason, now));
      return;
    case 'reply':
      if (await finishJob(tx, job, 'done', null)) await enqueue(tx, reply(job, decision, now));
  }
}

function reply(job: Job, { text, model, tokensUsed }: Extract<Decision, { kind: 'reply' }>, now: Date): OutgoingEvent {
  const { tenantId, conversationId, inboundMessageId, traceparent } = job;
  const event = buildEvent(aiReplyRequested, {
    tenantId,
    subject: conversationId,
    time: now,
    traceparent: traceparent ?? undefined,
    data: { conversationId, inboundMessageId, text, model, tokensUsed, requestedAt: now.toISOString() },
  });
  return { ...event, dedupeKey: `reply:${inboundMessageId}` };
}

function handoff(job: Job, reason: Extract<Decision, { kind: 'handoff' }>['reason'], now: Date): OutgoingEvent {
  const { tenantId, conversationId, inboundMessageId, traceparent } = job;
  const event = buildEvent(aiHandoff, {
    tenantId,
    subject: conversationId,
    time: now,
    traceparent: traceparent ?? undefined,
    data: { conversationId, inboundMessageId, reason, at: now.toISOString() },
  });
  return { ...event, dedupeKey: `handoff:${inboundMessageId}` };
}
