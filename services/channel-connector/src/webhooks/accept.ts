import { FRAME_DEFERRED, type WebhookFrame } from '@recado/contracts';
import type { OutgoingEvent } from '@recado/messaging';
import type { CheckSoon } from '../channels/checks/check-soon.ts';
import type { Deps } from '../deps.ts';
import type { InboundCost, InboundLimits } from './inbound-limits.ts';
import { type JudgeDeps, judge, unstored } from './judge.ts';
import type { LearnAccount } from './learn-account.ts';
import type { StoreGroup } from './store-group.ts';
import { FLOOD, ORDINARY, type PartRules, storeInParts } from './store-in-parts.ts';
import { type Accepted, isAccepted, isLimited, type Limited, type Round, type Verdict } from './verdict.ts';

export type AcceptDeps = JudgeDeps &
  Pick<Deps, 'now'> & {
    group: Pick<StoreGroup, 'add'>;
    learnAccount: LearnAccount;
    inbound: Pick<InboundLimits, 'take' | 'waitOf' | 'noteRefused'>;
    checkSoon: Pick<CheckSoon, 'ask' | 'tell'>;
    /** Tells a tenant that its number is limited; at most once an hour. */
    tellLimited(cost: InboundCost): void;
  };

/** Bytes of a body that costs much to read: one that was refused is not read again too soon. */
const LARGE = 32 * 1024;

export interface FrameAnswers {
  /** One HTTP status per frame. */
  statuses: number[];
  /** Seconds after which frames with 429 may come again, by their index. */
  retryAfter: Map<number, number>;
}

export interface AcceptOptions {
  traceparent?: string | undefined;
  /**
   * Answers FRAME_DEFERRED for channels never met, so that webhooks of known ones wait for no query
   * about strangers.
   */
  deferUnknown?: boolean;
  /** They are a flood: stores them in small parts with rests, in which others' webhooks go on. */
  inParts?: boolean;
}

/**
 * Accepts webhooks; resolves with an answer per frame, when what is answered 200 is committed.
 * Never rejects.
 */
export async function acceptFrames(
  deps: AcceptDeps,
  frames: WebhookFrame[],
  { traceparent, deferUnknown = false, inParts = false }: AcceptOptions = {},
): Promise<FrameAnswers> {
  const round: Round = { now: deps.now(), trace: traceparent, deferUnknown };
  // Nearly every channel is remembered: then nothing here waits, and a hundred webhooks cost one
  // turn.
  const judged = frames.map((frame) => judge(deps, frame, round));
  const verdicts = judged.some((one) => one instanceof Promise) ? await Promise.all(judged) : (judged as Verdict[]);
  const limited = await limit(deps, verdicts);
  const statuses = await store(deps, limited, inParts ? FLOOD : ORDINARY);
  countStatuses(deps, statuses);
  const retryAfter = new Map<number, number>();
  for (const [i, verdict] of limited.entries()) {
    if (isLimited(verdict)) retryAfter.set(i, Math.max(1, Math.ceil(verdict.retryAfterMs / 1000)));
  }
  return { statuses, retryAfter };
}

/**
 * Refuses what is beyond its numbers' limits: a webhook whole or not at all, before anything is
 * committed.
 */
async function limit(deps: AcceptDeps, verdicts: Verdict[]): Promise<Verdict[]> {
  const charged = verdicts.filter((one): one is Accepted => isAccepted(one) && one.events.length > 0);
  if (charged.length === 0) return verdicts;
  const waits = await deps.inbound.take(charged.map(({ costs }) => costs));
  if (waits.every((wait) => wait === 0)) return verdicts;
  const refused = new Map<Verdict, Limited>();
  for (const [i, one] of charged.entries()) {
    const retryAfterMs = waits[i]!;
    if (retryAfterMs === 0) continue;
    refused.set(one, { retryAfterMs });
    deps.metrics.limited.inc();
    for (const cost of one.costs) deps.tellLimited(cost);
    if (one.addressed && one.size >= LARGE) deps.inbound.noteRefused(one.addressed, one.size, retryAfterMs);
  }
  return verdicts.map((one) => refused.get(one) ?? one);
}

/** Stores what was accepted, and says what each webhook is answered. */
async function store(deps: AcceptDeps, verdicts: readonly Verdict[], rules: PartRules): Promise<number[]> {
  const webhooks: OutgoingEvent[][] = [];
  for (const verdict of verdicts) {
    if (isAccepted(verdict) && verdict.events.length > 0) webhooks.push(verdict.events);
  }
  const failures = await storeInParts(deps.group, webhooks, rules);
  let next = 0;
  return verdicts.map((verdict) => {
    if (typeof verdict === 'number') return verdict;
    if (isLimited(verdict)) return 429;
    const failure = verdict.events.length > 0 ? failures[next++]! : null;
    if (failure !== null) return unstored(deps, failure);
    for (const channelId of verdict.changed) deps.checkSoon.ask(channelId);
    for (const { channelId, code } of verdict.codes) deps.checkSoon.tell(channelId, { kind: 'code', code });
    for (const { channel, accountId } of verdict.learned) deps.learnAccount(channel, accountId);
    if (verdict.ignored.length > 0) countIgnored(deps, verdict.ignored);
    return 200;
  });
}

function countIgnored({ metrics, log }: AcceptDeps, ignored: readonly string[]): void {
  for (const name of ignored) metrics.items.inc({ kind: 'ignored', name });
  log.debug({ ignored }, 'parts of a webhook were left out');
}

function countStatuses({ metrics }: AcceptDeps, statuses: readonly number[]): void {
  const counts = new Map<number, number>();
  // A deferred frame comes again and is counted then.
  for (const status of statuses) if (status !== FRAME_DEFERRED) counts.set(status, (counts.get(status) ?? 0) + 1);
  for (const [status, count] of counts) metrics.webhooks.inc({ status }, count);
}
