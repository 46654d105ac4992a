import type { AuditOrigin } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { finishJob, type RunningJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { AppError, type Caller, requirePermission, serviceCaller } from '@recado/service-kit';
import { checkAssignable } from '../conversations/assignee.ts';
import type { Deps } from '../deps.ts';
import type { SendContext } from '../messages/sending/accept.ts';
import { sendMessage } from '../messages/sending/send.ts';
import { dueOutcome } from './rules.ts';
import { patchScheduled, type ScheduledInChat, selectLocked } from './store.ts';
import { scheduledNews } from './views.ts';

type Job = RunningJob<{ scheduledId: string; fireAt: string }>;

/** It waits no more: the transaction of the send leaves nothing. */
class Ended extends Error {}

/**
 * Sends a message whose time has come, through the checks of any other. The message and the end of
 * its waiting commit together, so a killed run neither loses nor repeats it.
 */
export async function runScheduled(deps: Deps, job: Job): Promise<void> {
  const row = await settle(deps, job);
  if (!row) return;
  let caller: Caller;
  try {
    caller = await callerOf(deps, row);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return fail(deps, job, { reason: 'author_gone', error: null });
  }
  try {
    requirePermission(caller, 'messages.create');
    await sendMessage(deps, sendContext(deps, job, row, caller), row.conversationId, row.content);
  } catch (error) {
    if (error instanceof Ended) return;
    if (!isRefusal(error)) throw error;
    await fail(deps, job, refusalOf(error));
  }
}

/** The scheduler's clock may be a little ahead of ours. */
const nowOf = ({ now }: Pick<Deps, 'now'>, { data }: Job): Date =>
  new Date(Math.max(now().getTime(), Date.parse(data.fireAt)));

async function findLocked(tx: Tx, { tenantId, data }: Job): Promise<ScheduledInChat | undefined> {
  const [row] = await selectLocked(tx, tenantId, data.scheduledId);
  return row;
}

/** Ends what needs no send. Null: there is nothing left to do. */
const settle = (deps: Deps, job: Job): Promise<ScheduledInChat | null> =>
  job.commit(async (tx) => {
    const row = await findLocked(tx, job);
    const now = nowOf(deps, job);
    const outcome = row ? dueOutcome(row, row.lastInboundAt, now) : 'nothing';
    if (row && outcome === 'send') return row;
    if (row && outcome !== 'nothing') {
      await end(tx, row, { status: outcome === 'late' ? 'failed' : 'cancelled', reason: outcome, settledAt: now });
    }
    await finishJob(tx, job);
    return null;
  });

/** A refusal that another try would meet again. */
const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && error.status < 500 && error.code !== 'too_many_requests';

function refusalOf({ code, message, details }: AppError): { reason: string; error: string } {
  const [first] = code === 'validation_failed' ? (details ?? []) : [];
  return first
    ? { reason: first.code ?? code, error: `${first.field}: ${first.message}` }
    : { reason: code, error: message };
}

const fail = (deps: Deps, job: Job, why: { reason: string; error: string | null }): Promise<void> =>
  job.commit(async (tx) => {
    const row = await findLocked(tx, job);
    if (row?.status === 'scheduled') await end(tx, row, { status: 'failed', ...why, settledAt: nowOf(deps, job) });
    await finishJob(tx, job);
  });

async function end(tx: Tx, before: ScheduledInChat, ended: Partial<ScheduledInChat>): Promise<void> {
  const row = { ...before, ...ended };
  await patchScheduled(tx, row);
  await enqueue(tx, [scheduledNews(row)]);
}

function sendContext(deps: Deps, job: Job, row: ScheduledInChat, caller: Caller): SendContext {
  const traceparent = job.traceparent ?? undefined;
  let locked = row;
  return {
    caller,
    context: { traceparent },
    origin: { ...originOf(row), traceparent },
    key: null,
    // It may have been cancelled or moved since the look.
    async before(tx) {
      const now = await findLocked(tx, job);
      if (!now || dueOutcome(now, now.lastInboundAt, nowOf(deps, job)) !== 'send') throw new Ended();
      locked = now;
    },
    also: (tx, { id: messageId }) => end(tx, locked, { status: 'sent', messageId, settledAt: nowOf(deps, job) }),
  };
}

/** The author with what they may do now. @throws NotFound of one that is gone; Unavailable */
async function callerOf(deps: Deps, { tenantId, userId, apiKeyId }: ScheduledInChat): Promise<Caller> {
  const service = serviceCaller('conversation', tenantId);
  if (apiKeyId !== null) {
    const permissions = [...(await deps.askKeyPermissions(tenantId, apiKeyId))];
    return { ...service, role: 'key', apiKeyId, permissions };
  }
  if (userId === null) return service;
  await checkAssignable(deps, tenantId, userId);
  return { ...service, userId, role: 'agent', permissions: [...(await deps.askPermissions(tenantId, userId))] };
}

function originOf({ tenantId, userId, apiKeyId }: ScheduledInChat): AuditOrigin {
  const kind = apiKeyId !== null ? 'api_key' : userId !== null ? 'user' : 'service';
  const actor = { kind, userId, apiKeyId, service: kind === 'service' ? 'conversation' : null } as const;
  return { tenantId, actor, ...{ ip: null, userAgent: null, edition: null, requestId: null } };
}
