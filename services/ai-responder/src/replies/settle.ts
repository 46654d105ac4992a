import { aiHandoff, aiReplyRequested, buildEvent } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { finishJob, postponeJob, type RunningJob } from '@recado/jobs';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import type { ReplyDeps } from '../deps.ts';
import { addUsage } from '../usage/store.ts';
import { endReply, postponeReply, type Reply } from './begin.ts';
import type { Decision } from './decide.ts';

interface Work {
  job: RunningJob;
  reply: Reply;
}

/**
 * Writes a decision down in one transaction: the end of job and reply, what it cost, and its event.
 * Only the holder of the lease publishes. What was spent counts either way.
 */
export async function settle(deps: ReplyDeps, work: Work, decision: Decision): Promise<void> {
  const { job, reply } = work;
  await job.commit(async (tx) => {
    if (decision.spent) await addUsage(tx, reply.tenantId, decision.spent.day, decision.spent.tokens);
    await end(tx, work, decision, deps.now());
  });
  if (decision.spent) deps.metrics.tokens.inc(decision.spent.tokens);
  deps.metrics.settled.inc({ outcome: decision.kind, reason: 'reason' in decision ? decision.reason : '' });
}

async function end(tx: Tx, { job, reply }: Work, decision: Decision, now: Date): Promise<void> {
  if (decision.kind === 'retry') {
    if (await postponeJob(tx, job, decision.pauseMs)) await postponeReply(tx, reply, decision.failed);
    return;
  }
  if (!(await finishJob(tx, job))) return;
  switch (decision.kind) {
    case 'drop':
      await endReply(tx, reply, 'dropped', decision.reason);
      return;
    case 'handoff':
      if (await endReply(tx, reply, 'handed_off', decision.reason))
        await enqueue(tx, handoffEvent(reply, decision.reason, now));
      return;
    case 'reply':
      if (await endReply(tx, reply, 'done', null)) await enqueue(tx, replyEvent(reply, decision, now));
  }
}

function replyEvent(reply: Reply, decision: Extract<Decision, { kind: 'reply' }>, now: Date): OutgoingEvent {
  const { text, model, tokensUsed } = decision;
  const { tenantId, conversationId, inboundMessageId, traceparent } = reply;
  const event = buildEvent(aiReplyRequested, {
    tenantId,
    subject: conversationId,
    time: now,
    traceparent: traceparent ?? undefined,
    data: { conversationId, inboundMessageId, text, model, tokensUsed, requestedAt: now.toISOString() },
  });
  return { ...event, dedupeKey: `reply:${inboundMessageId}` };
}

function handoffEvent(
  reply: Reply,
  reason: Extract<Decision, { kind: 'handoff' }>['reason'],
  now: Date,
): OutgoingEvent {
  const { tenantId, conversationId, inboundMessageId, traceparent } = reply;
  const event = buildEvent(aiHandoff, {
    tenantId,
    subject: conversationId,
    time: now,
    traceparent: traceparent ?? undefined,
    data: { conversationId, inboundMessageId, reason, at: now.toISOString() },
  });
  return { ...event, dedupeKey: `handoff:${inboundMessageId}` };
}
