import type { aiHandoff, Conversation, EventData, Message } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { AppError, serviceCaller } from '@recado/service-kit';
import { isOffered, zoneOf } from '../configs/rules.ts';
import { type ConfigRow, findConfig } from '../configs/store.ts';
import type { ReplyDeps } from '../deps.ts';
import { failureOf } from '../model/failure.ts';
import { estimateTokens } from '../model/request.ts';
import { budgetOf, dayOf, isSpent } from '../usage/rules.ts';
import { findUsage } from '../usage/store.ts';
import type { Reply } from './begin.ts';
import { burstLast, isDeleted, limitHistory, replyText, systemPrompt, turnsOf } from './prompt.ts';
import { awayPause, isTooOld, isUnattended } from './rules.ts';

export type HandoffReason = EventData<typeof aiHandoff>['reason'];
export type DropReason = 'disabled' | 'too_old' | 'gone' | 'taken_over' | 'answered' | 'superseded';

/** The decision on a reply. `spent`: tokens used so far, for every outcome. */
export type Decision = { spent?: { day: string; tokens: number } } & (
  | { kind: 'reply'; text: string; model: string; tokensUsed: number }
  | { kind: 'drop'; reason: DropReason }
  | { kind: 'handoff'; reason: HandoffReason }
  | { kind: 'retry'; pauseMs: number; failed: boolean; reason: string }
);

/** What a reply is worked out with. */
interface Work {
  pausesMs: readonly number[];
  /** This process stops. */
  signal: AbortSignal;
  /** A later message made the reply superfluous. */
  superseded: AbortSignal;
}

/** A reply whose worker died this often is given up: it may be what kills it. */
const MAX_CLAIMS = 5;
/** Beyond the model's window, to see whether a person wrote after the customer. */
const LOOK_BACK = 10;

/**
 * Works a claimed reply out: configuration and budget, the thread as it is now, the model. Network
 * only, no transaction is open during the call. Throws only when the database does.
 * @param pausesMs between the calls of the model that failed; one call more than pauses
 */
export async function decide(deps: ReplyDeps, reply: Reply, work: Work): Promise<Decision> {
  const { signal } = work;
  const now = deps.now();
  if (isTooOld(reply.inboundAt, now)) return { kind: 'drop', reason: 'too_old' };
  if (reply.claims > MAX_CLAIMS) return { kind: 'handoff', reason: 'model_error' };

  const unknown = await learnTenant(deps, reply, signal);
  if (unknown) return unknown;
  const known = await withWorker(deps.workerDb, async (tx) => {
    const config = await findConfig(tx, reply.tenantId);
    if (!config?.enabled) return null;
    const zone = zoneOf(config, deps.config.RECADO_DEFAULT_TIMEZONE);
    const { plan } = (await deps.tenants.get(tx, [reply.tenantId])).get(reply.tenantId)!;
    const budget = budgetOf(config.limits, plan);
    return { config, budget, zone, usage: await findUsage(tx, reply.tenantId, now, zone) };
  });
  if (!known) return { kind: 'drop', reason: 'disabled' };
  const { config, budget, zone, usage } = known;

  const thread = await readThread(deps, reply, config, signal);
  if ('kind' in thread) return thread;
  if (isBehind(thread, reply, now)) return { kind: 'retry', pauseMs: BEHIND_PAUSE_MS, failed: false, reason: 'order' };
  const refusal = refusalOf(thread, reply);
  if (refusal) return { kind: 'drop', reason: refusal };
  // Stored before the operator's list was shortened.
  if (!isOffered(config.model, deps.config.RECADO_AI_MODELS)) return { kind: 'handoff', reason: 'model_error' };
  // After the look at the thread: what a person answers needs no handing over.
  if (isSpent(usage, budget)) return { kind: 'handoff', reason: 'budget' };

  return ask(deps, reply, config, { thread, day: dayOf(now, zone).day, ...work });
}

interface Thread {
  conversation: Conversation;
  messages: Message[];
}

async function readThread(
  deps: ReplyDeps,
  reply: Reply,
  config: ConfigRow,
  signal: AbortSignal,
): Promise<Thread | Decision> {
  try {
    const thread = await deps.conversation.getThread(
      { params: { conversationId: reply.conversationId }, query: { limit: config.settings.contextWindow + LOOK_BACK } },
      { caller: serviceCaller('ai-responder', reply.tenantId), traceparent: reply.traceparent ?? undefined, signal },
    );
    return { ...thread, messages: thread.messages.filter((message) => !isOfNextReply(message, reply)) };
  } catch (error) {
    // Also when conversation answers nonsense: the message must not be lost for that, and after a
    // day it is too old.
    return retryLater(deps, reply, { error, signal, owner: 'conversation' });
  }
}

/** Whether the customer wrote it after the message that is answered: the next reply is to that. */
const isOfNextReply = ({ direction, createdAt, id }: Message, { inboundAt, inboundMessageId }: Reply): boolean => {
  if (direction !== 'inbound') return false;
  const after = Date.parse(createdAt) - inboundAt.getTime();
  return after > 0 || (after === 0 && id > inboundMessageId);
};

/**
 * Whether the thread lacks the answer before this one, which conversation is about to store. A
 * model that does not see it would give it again.
 */
function isBehind({ messages }: Thread, { answers: [last] }: Reply, now: Date): boolean {
  if (!last || now.getTime() - last.getTime() > BEHIND_MS) return false;
  return !messages.some((m) => m.author === 'ai' && Date.parse(m.createdAt) >= last.getTime() - SKEW_MS);
}
/** Later, conversation has left that answer out. */
const BEHIND_MS = 5000;
const BEHIND_PAUSE_MS = 250;
/** Clocks of two machines are never quite the same. */
const SKEW_MS = 1000;

/** Makes sure that the plan is known, without which no budget is. Null: it is. */
async function learnTenant(deps: ReplyDeps, reply: Reply, signal: AbortSignal): Promise<Decision | null> {
  try {
    await deps.tenants.ensure(reply.tenantId);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return retryLater(deps, reply, { error, signal, owner: 'identity' });
  }
}

/** What its owner does not have is gone; an owner that is away is asked again later. */
function retryLater(
  deps: ReplyDeps,
  reply: Reply,
  { error, signal, owner }: { error: unknown; signal: AbortSignal; owner: 'conversation' | 'identity' },
): Decision {
  if (error instanceof AppError && error.code === 'not_found') return { kind: 'drop', reason: 'gone' };
  if (!signal.aborted) {
    deps.log.warn({ err: error, tenantId: reply.tenantId, owner }, 'a reply could not be worked out; trying later');
  }
  const pauseMs = signal.aborted ? 0 : awayPause(reply.inboundAt, deps.now());
  return { kind: 'retry', pauseMs, failed: false, reason: owner };
}

/** Whether an agent has the conversation, or answered after the customer wrote. */
function refusalOf({ conversation, messages }: Thread, reply: Reply): DropReason | null {
  if (!isUnattended(conversation)) return 'taken_over';
  const answered = messages.some((m) => m.author === 'user' && new Date(m.createdAt) > reply.inboundAt);
  if (answered) return 'answered';
  return isTakenBack(messages, reply) ? 'gone' : null;
}

/** Whether the customer deleted the message, and all that came with it since our last one. */
function isTakenBack(messages: readonly Message[], reply: Reply): boolean {
  if (!messages.some((m) => m.id === reply.inboundMessageId && isDeleted(m))) return false;
  const since = messages.slice(messages.findLastIndex((m) => m.direction === 'outbound') + 1);
  return since.every(isDeleted);
}

async function ask(
  deps: ReplyDeps,
  reply: Reply,
  config: ConfigRow,
  { thread, day, pausesMs, signal, superseded }: Work & { thread: Thread; day: string },
): Promise<Decision> {
  const welcome = reply.isNew ? config.welcomeMessage : '';
  const messages = [
    { role: 'system' as const, content: systemPrompt(config, welcome !== '') },
    ...limitHistory(
      turnsOf(burstLast(thread.messages, reply.burstAt ?? reply.inboundAt)),
      config.settings.contextWindow,
    ),
  ];
  const { temperature, maxTokens } = config.settings;
  if (superseded.aborted) return { kind: 'drop', reason: 'superseded' };
  const started = performance.now();
  const measure = (result: string) =>
    deps.metrics.modelSeconds.observe({ result }, (performance.now() - started) / 1000);
  try {
    const { text, tokensUsed } = await deps.model.complete(
      { model: config.model, messages, temperature, maxTokens },
      AbortSignal.any([signal, superseded]),
    );
    measure('ok');
    const spent = { day, tokens: tokensUsed };
    const words = replyText(text, welcome);
    if (words === '') return { kind: 'handoff', reason: 'empty_reply', spent };
    return { kind: 'reply', text: words, model: config.model, tokensUsed, spent };
  } catch (error) {
    const failure = failureOf(error);
    measure(failure.kind);
    // What it read is paid for.
    if (superseded.aborted) {
      return { kind: 'drop', reason: 'superseded', spent: { day, tokens: estimateTokens(messages, '') } };
    }
    // We are stopping: another copy, or the next start, goes on at once.
    if (failure.kind === 'stopped') return { kind: 'retry', pauseMs: 0, failed: false, reason: 'stopped' };
    const { tenantId, conversationId } = reply;
    deps.log.warn({ err: failure, tenantId, conversationId, failures: reply.failures + 1 }, 'the model failed');
    const pause = failure.passing ? pausesMs[reply.failures] : undefined;
    if (pause === undefined) return { kind: 'handoff', reason: failure.kind === 'timeout' ? 'timeout' : 'model_error' };
    return { kind: 'retry', pauseMs: Math.max(pause, failure.retryAfterMs), failed: true, reason: failure.kind };
  }
}
