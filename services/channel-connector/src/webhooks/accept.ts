import { FRAME_DEFERRED, type WebhookFrame } from '@recado/contracts';
import { isConnectionError } from '@recado/database';
import type { OutgoingEvent } from '@recado/messaging';
import { Unavailable } from '@recado/service-kit';
import { isSamePhone } from '@recado/service-kit/phone';
import type { CheckSoon } from '../channels/checks/check-soon.ts';
import { type ChannelKey, type KnownChannel, numberKey } from '../channels/directory.ts';
import type { Deps } from '../deps.ts';
import type { LinkCode } from '../providers/linking.ts';
import type { Provider, WebhookContent } from '../providers/provider.ts';
import { type AccountDeps, accountEvents, findTenantAccounts } from './accounts.ts';
import { eventsOf, reportEvent } from './events.ts';
import { withGroups } from './groups.ts';
import type { InboundCost, InboundLimits } from './inbound-limits.ts';
import type { LearnAccount } from './learn-account.ts';
import type { StoreGroup } from './store-group.ts';
import { FLOOD, ORDINARY, type PartRules, storeInParts } from './store-in-parts.ts';

export type AcceptDeps = Pick<Deps, 'directory' | 'providers' | 'log' | 'metrics' | 'now' | 'totals'> & {
  group: Pick<StoreGroup, 'add'>;
  channelsOfAccounts: AccountDeps['channelsOfAccounts'];
  learnAccount: LearnAccount;
  inbound: Pick<InboundLimits, 'take' | 'waitOf' | 'noteRefused'>;
  checkSoon: Pick<CheckSoon, 'ask' | 'tell'>;
  /** Tells a tenant that its number is limited; at most once an hour. */
  tellLimited(cost: InboundCost): void;
};

/** Bytes of a body that costs much to read: one that was refused is not read again too soon. */
const LARGE = 32 * 1024;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * What a webhook comes to: the status of its refusal, that its number is limited, or what is to be
 * stored of it.
 */
type Verdict = number | Limited | Accepted;

/** 429 */
interface Limited {
  retryAfterMs: number;
}

export interface FrameAnswers {
  /** One HTTP status per frame. */
  statuses: number[];
  /** Seconds after which frames with 429 may come again, by their index. */
  retryAfter: Map<number, number>;
}

interface Accepted {
  events: OutgoingEvent[];
  /** Bytes. */
  size: number;
  /** The channel of the path. */
  addressed: string | null;
  /** What was left out on purpose, by name. */
  ignored: string[];
  costs: InboundCost[];
  /** Channels whose connection changed. */
  changed: string[];
  /** Codes that providers told of. */
  codes: { channelId: string; code: LinkCode }[];
  /** Accounts of channels that were not known, or other ones. */
  learned: { channel: KnownChannel; accountId: string }[];
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

/** What the frames of one request share. */
interface Round {
  now: Date;
  trace: string | undefined;
  deferUnknown: boolean;
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

/** What a webhook comes to; a promise only when its channel has to be asked for. Never throws. */
function judge(deps: AcceptDeps, frame: WebhookFrame, round: Round): Verdict | Promise<Verdict> {
  try {
    const provider = deps.providers.get(frame.provider);
    if (!provider) return 404;
    const verdict =
      frame.channelId === null
        ? judgeUnaddressed(deps, provider, frame, round)
        : judgeAddressed(deps, provider, frame, frame.channelId.toLowerCase(), round);
    return verdict instanceof Promise ? verdict.catch((err) => unstored(deps, err)) : verdict;
  } catch (err) {
    return unstored(deps, err);
  }
}

/** The provider tries again. 500: not an outage, so the fault may be of this webhook alone. */
function unstored(deps: AcceptDeps, err: unknown): 500 | 503 {
  const isOutage = isConnectionError(err) || err instanceof Unavailable;
  deps.log[isOutage ? 'warn' : 'error']({ err }, 'a webhook could not be stored');
  return isOutage ? 503 : 500;
}

/** The path names the channel: the signature is checked before a byte of the body is looked at. */
function judgeAddressed(deps: AcceptDeps, provider: Provider, frame: WebhookFrame, id: string, round: Round) {
  if (!UUID.test(id)) return 404;
  if (!provider.isSigned(frame)) return refuseSignature(deps, id);
  return withChannels(deps, [`id:${id}`], round, ([channel]) => {
    if (!channel || channel.provider !== provider || !isHeard(channel)) return 404;
    if (!provider.verifyWebhook(frame, [channel.account])[0]) return refuseSignature(deps, channel.id);
    const retryAfterMs = deps.inbound.waitOf(channel.id, frame.body.length);
    if (retryAfterMs > 0) return { retryAfterMs };
    const content = provider.readWebhook(frame, round.now, channel.providerId);
    if (!content) return 400;
    const { providerId } = channel;
    const others = new Set(content.news.map((one) => one.providerId).filter((number) => number !== providerId));
    const own = new Map([[providerId, channel]]);
    const told = channel.proven ? content : onlyConnection(content);
    const verdict = (known: ReadonlyMap<string, KnownChannel>) =>
      addAccounts(
        deps,
        provider,
        frame,
        told,
        accepted(told, (number) => known.get(number), frame.body.length, round, channel),
        channel,
        round,
      );
    if (others.size === 0) return verdict(own);
    // One app may have several numbers: another one's news count where its own secret signed too.
    const keys = [...others].map((number) => numberKey({ provider: provider.name, providerId: number }));
    return withChannels(deps, keys, { ...round, deferUnknown: false }, (found) => {
      const channels = found.filter((one) => one !== null);
      return verdict(new Map([...own, ...signedChannels(provider, channels, frame)]));
    });
  });
}

/** A phone that is being linked has news of its link before it is proved. */
const isHeard = ({ proven, provider, status }: KnownChannel): boolean =>
  proven || (provider.linking !== undefined && status !== 'disconnected');

/** Without what customers wrote: the number is not the tenant's yet. */
const onlyConnection = ({ news, ignored }: WebhookContent): WebhookContent => ({
  news: news.map((one) => ({ ...one, messages: [], statuses: [] })),
  ignored,
});

/**
 * One webhook for several numbers: each finds its channel, and each channel's secret must have
 * signed. An unsigned body is never parsed. It costs one query and a few HMACs.
 */
function judgeUnaddressed(deps: AcceptDeps, provider: Provider, frame: WebhookFrame, round: Round) {
  if (!provider.isSigned(frame)) return refuseSignature(deps, null);
  const numbers = provider.findNumbers(frame);
  if (numbers === null) return 400;
  if (numbers.length === 0) return judgeAccounts(deps, provider, frame, round);
  const keys = numbers.map((providerId) => numberKey({ provider: provider.name, providerId }));
  return withChannels(deps, keys, round, (found) => {
    const channels = found.filter((channel) => channel !== null);
    if (channels.length === 0) return 404;
    const signed = signedChannels(provider, channels, frame);
    if (signed.size === 0) return refuseSignature(deps, channels[0]!.id);
    const content = provider.readWebhook(frame, round.now, null);
    if (!content) return 400;
    const verdict = accepted(content, (number) => signed.get(number), frame.body.length, round);
    return addAccounts(deps, provider, frame, content, verdict, null, round);
  });
}

/** A webhook that names no number, only accounts: it goes to their tenants whose secret signed. */
async function judgeAccounts(
  deps: AcceptDeps,
  provider: Provider,
  frame: WebhookFrame,
  round: Round,
): Promise<Verdict> {
  const accountIds = provider.findAccounts?.(frame) ?? [];
  if (accountIds.length === 0) return 404;
  const known = await deps.channelsOfAccounts(provider.name, accountIds);
  if (known.length === 0) return 404;
  const signed = await findTenantAccounts(deps, provider, frame, accountIds, null);
  if (signed.length === 0) return refuseSignature(deps, known[0]!.id);
  const content = provider.readWebhook(frame, round.now, null);
  if (!content) return 400;
  const verdict = accepted(content, () => undefined, frame.body.length, round);
  const { events, costs } = accountEvents(signed, content.accounts ?? [], round.now, round.trace);
  return { ...verdict, events, costs };
}

/** Adds the news of whole accounts. Webhooks without any wait for nothing. */
function addAccounts(
  deps: AcceptDeps,
  provider: Provider,
  frame: WebhookFrame,
  { accounts = [] }: WebhookContent,
  verdict: Accepted,
  addressed: KnownChannel | null,
  round: Round,
): Verdict | Promise<Verdict> {
  if (accounts.length === 0) return verdict;
  const ids = accounts.map(({ accountId }) => accountId);
  return findTenantAccounts(deps, provider, frame, ids, addressed).then((found) => {
    const { events, costs } = accountEvents(found, accounts, round.now, round.trace);
    return { ...verdict, events: [...verdict.events, ...events], costs: [...verdict.costs, ...costs] };
  });
}

/** Calls back with the channels, at once when all are remembered. */
function withChannels(
  deps: AcceptDeps,
  keys: ChannelKey[],
  { deferUnknown }: Round,
  then: (channels: (KnownChannel | null)[]) => Verdict | Promise<Verdict>,
): Verdict | Promise<Verdict> {
  const { directory } = deps;
  const remembered = keys.map((key) => directory.peek(key));
  if (!remembered.includes(undefined)) return then(remembered as (KnownChannel | null)[]);
  if (deferUnknown && keys.some((key, i) => remembered[i] === undefined && !directory.isMet(key))) {
    return FRAME_DEFERRED;
  }
  return directory.findAll(keys).then(then);
}

/** The channels by number whose secret signed the body. */
function signedChannels(provider: Provider, channels: readonly KnownChannel[], frame: WebhookFrame) {
  const proofs = provider.verifyWebhook(
    frame,
    channels.map(({ account }) => account),
  );
  const signed = new Map<string, KnownChannel>();
  for (const [i, channel] of channels.entries()) if (proofs[i]) signed.set(channel.providerId, channel);
  return signed;
}

/** The events of the news whose channel is proved; the others are named as left out. */
function accepted(
  { news, reports = [], ignored }: WebhookContent,
  channelOf: (providerId: string) => KnownChannel | undefined,
  size: number,
  { now, trace }: Round,
  addressed?: KnownChannel,
): Accepted {
  const events: OutgoingEvent[] = [];
  const costs = new Map<string, InboundCost>();
  const changed: string[] = [];
  const codes: Accepted['codes'] = [];
  const learned: Accepted['learned'] = [];
  for (const one of news) {
    const channel = channelOf(one.providerId);
    if (!channel) {
      ignored.push('other_number');
      continue;
    }
    const { id: channelId, tenantId, plan } = channel;
    if (one.connectionChanged) changed.push(channelId);
    if (one.code) codes.push({ channelId, code: one.code });
    if (one.accountId && one.accountId !== channel.accountId) learned.push({ channel, accountId: one.accountId });
    const own = eventsOf(channel, withGroups(channel, one, ignored), now, trace);
    for (const event of own) events.push(event);
    const cost = costs.get(channelId) ?? { channelId, tenantId, plan, items: 0, bytes: 0 };
    cost.items += own.length;
    costs.set(channelId, cost);
  }
  for (const { phone, report } of reports) {
    const isOwn = addressed && (phone === null || addressed.phone === null || isSamePhone(addressed.phone, phone));
    if (isOwn) events.push(reportEvent(addressed, report, now, trace));
    else ignored.push('other_number');
  }
  // The bytes of a body are shared by what it brought each number.
  for (const cost of costs.values()) cost.bytes = Math.ceil((size * cost.items) / Math.max(1, events.length));
  const told = { events, ignored, costs: [...costs.values()], changed, codes, learned };
  return { ...told, size, addressed: addressed?.id ?? null };
}

function refuseSignature(deps: AcceptDeps, channelId: string | null): 401 {
  deps.metrics.badSignatures.inc();
  deps.log.warn({ channelId }, 'a webhook with a wrong or missing signature was refused');
  return 401;
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

const isAccepted = (verdict: Verdict): verdict is Accepted => typeof verdict === 'object' && 'events' in verdict;
const isLimited = (verdict: Verdict): verdict is Limited => typeof verdict === 'object' && 'retryAfterMs' in verdict;

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
