import type { KeyObject } from 'node:crypto';
import { FRAME_DEFERRED, type WebhookFrame } from '@recado/contracts';
import { isConnectionError } from '@recado/database';
import type { OutgoingEvent } from '@recado/messaging';
import { Unavailable } from '@recado/service-kit';
import type { ChannelKey, KnownChannel } from '../channels/directory.ts';
import type { Deps } from '../deps.ts';
import { parseForeignJson } from './clean.ts';
import { eventsOf } from './events.ts';
import type { InboundCost, InboundLimits } from './inbound-limits.ts';
import { type MetaPayload, readMetaPayload } from '../providers/meta/payload.ts';
import { looksLikeJson, scanPhoneNumberIds } from '../providers/meta/scan.ts';
import { hasSignatureForm, verifySignature } from '../providers/meta/signature.ts';

export type AcceptDeps = Pick<Deps, 'directory' | 'log' | 'metrics' | 'now' | 'totals' | 'group'> & {
  inbound: Pick<InboundLimits, 'take'>;
  /** Tells a tenant that its number is limited; at most once an hour. */
  tellLimited(cost: InboundCost): void;
};

const signatureOf = ({ headers }: WebhookFrame): string | null => headers['x-hub-signature-256'] ?? null;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What a webhook comes to: the status of its refusal, that its number is limited, or what is to be stored of it. */
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
  /** What was left out on purpose, by name. */
  ignored: string[];
  costs: InboundCost[];
}

export interface AcceptOptions {
  traceparent?: string | undefined;
  /** Answers FRAME_DEFERRED for channels never met, so that webhooks of known ones wait for no query about strangers. */
  deferUnknown?: boolean;
}

/** What the frames of one request share. */
interface Round {
  now: Date;
  trace: string | undefined;
  deferUnknown: boolean;
}

/** Accepts webhooks; resolves with an answer per frame, when what is answered 200 is committed. Never rejects. */
export async function acceptFrames(
  deps: AcceptDeps,
  frames: WebhookFrame[],
  { traceparent, deferUnknown = false }: AcceptOptions = {},
): Promise<FrameAnswers> {
  const round: Round = { now: deps.now(), trace: traceparent, deferUnknown };
  // Nearly every channel is remembered: then nothing here waits, and a hundred webhooks cost one turn.
  const judged = frames.map((frame) => judge(deps, frame, round));
  const verdicts = judged.some((one) => one instanceof Promise) ? await Promise.all(judged) : (judged as Verdict[]);
  const limited = await limit(deps, verdicts);
  const statuses = await store(deps, limited);
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
    const verdict =
      frame.channelId === null
        ? judgeUnaddressed(deps, frame, round)
        : judgeAddressed(deps, frame, frame.channelId.toLowerCase(), round);
    return verdict instanceof Promise ? verdict.catch((err) => unstored(deps, err)) : verdict;
  } catch (err) {
    return unstored(deps, err);
  }
}

/** The provider tries again; anything but an outage here would be a bug worth its stack. */
function unstored(deps: AcceptDeps, err: unknown): 503 {
  const level = isConnectionError(err) || err instanceof Unavailable ? 'warn' : 'error';
  deps.log[level]({ err }, 'a webhook could not be stored');
  return 503;
}

/** The path names the channel: the signature is checked before a byte of the body is looked at. */
function judgeAddressed(deps: AcceptDeps, frame: WebhookFrame, id: string, round: Round) {
  if (!UUID.test(id)) return 404;
  if (!hasSignatureForm(signatureOf(frame))) return refuseSignature(deps, id);
  return withChannels(deps, [`id:${id}`], round, ([channel]) => {
    if (!channel?.proven) return 404;
    if (!channel.signingKey || !verifySignature(channel.signingKey, frame.body, signatureOf(frame))) {
      return refuseSignature(deps, channel.id);
    }
    const payload = parse(frame.body, round.now);
    if (!payload) return 400;
    // Another number's change under this channel's secret: to store it here would be wrong, there unproved.
    return accepted(
      payload,
      (number) => (number === channel.phoneNumberId ? channel : undefined),
      frame.body.length,
      round,
    );
  });
}

/**
 * One webhook for a whole app: each change finds its channel by its number, and each channel's secret must have signed. Numbers are
 * picked out of the raw bytes, so that an unsigned body is never parsed; it costs one query and a few HMACs at most.
 */
function judgeUnaddressed(deps: AcceptDeps, frame: WebhookFrame, round: Round) {
  if (!looksLikeJson(frame.body)) return 400;
  if (!hasSignatureForm(signatureOf(frame))) return refuseSignature(deps, null);
  const numbers = scanPhoneNumberIds(frame.body, MAX_NUMBERS);
  if (numbers === null) return 400;
  if (numbers.length === 0) return 404;
  const keys = numbers.map((number): ChannelKey => `pn:${number}`);
  return withChannels(deps, keys, round, (found) => {
    const channels = found.filter((channel) => channel !== null);
    if (channels.length === 0) return 404;
    const signed = signedChannels(channels, frame);
    if (signed.size === 0) return refuseSignature(deps, channels[0]!.id);
    const payload = parse(frame.body, round.now);
    if (!payload) return 400;
    return accepted(payload, (number) => signed.get(number), frame.body.length, round);
  });
}

/** Calls back with the channels, at once when all are remembered. */
function withChannels(
  deps: AcceptDeps,
  keys: ChannelKey[],
  { deferUnknown }: Round,
  then: (channels: (KnownChannel | null)[]) => Verdict,
): Verdict | Promise<Verdict> {
  const { directory } = deps;
  const remembered = keys.map((key) => directory.peek(key));
  if (!remembered.includes(undefined)) return then(remembered as (KnownChannel | null)[]);
  if (deferUnknown && keys.some((key, i) => remembered[i] === undefined && !directory.isMet(key))) {
    return FRAME_DEFERRED;
  }
  return directory.findAll(keys).then(then);
}

/** Numbers in one body. Meta batches up to a thousand changes, of few numbers. */
const MAX_NUMBERS = 500;
/** Different secrets tried for one body. Meta signs a body with the secret of one app. */
const MAX_SECRETS = 8;

/** The channels by number whose secret signed the body; each different secret costs one HMAC. */
function signedChannels(channels: readonly KnownChannel[], frame: WebhookFrame): Map<string, KnownChannel> {
  const tried: { key: KeyObject; signs: boolean }[] = [];
  const signed = new Map<string, KnownChannel>();
  for (const channel of channels) {
    const key = channel.signingKey;
    if (!key) continue;
    let known = tried.find((one) => one.key.equals(key));
    if (!known) {
      if (tried.length === MAX_SECRETS) continue;
      known = { key, signs: verifySignature(key, frame.body, signatureOf(frame)) };
      tried.push(known);
    }
    if (known.signs) signed.set(channel.phoneNumberId, channel);
  }
  return signed;
}

/** The events of the changes whose channel is proved; the others are named as left out. */
function accepted(
  { changes, ignored }: MetaPayload,
  channelOf: (phoneNumberId: string) => KnownChannel | undefined,
  size: number,
  { now, trace }: Round,
): Accepted {
  const events: OutgoingEvent[] = [];
  const costs = new Map<string, InboundCost>();
  for (const change of changes) {
    const channel = channelOf(change.phoneNumberId);
    if (!channel) {
      ignored.push('other_number');
      continue;
    }
    const { id: channelId, tenantId, plan } = channel;
    const own = eventsOf(channel, change, now, trace);
    for (const event of own) events.push(event);
    const cost = costs.get(channelId) ?? { channelId, tenantId, plan, items: 0, bytes: 0 };
    cost.items += own.length;
    costs.set(channelId, cost);
  }
  // The bytes of a body are shared by what it brought each number.
  for (const cost of costs.values()) cost.bytes = Math.ceil((size * cost.items) / Math.max(1, events.length));
  return { events, ignored, costs: [...costs.values()] };
}

function refuseSignature(deps: AcceptDeps, channelId: string | null): 401 {
  deps.metrics.badSignatures.inc();
  deps.log.warn({ channelId }, 'a webhook with a wrong or missing signature was refused');
  return 401;
}

function parse(body: Uint8Array, now: Date): MetaPayload | null {
  let json: unknown;
  try {
    json = parseForeignJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return null; // not JSON
  }
  return typeof json === 'object' && json !== null ? readMetaPayload(json, now) : null;
}

/** Refuses what is beyond its numbers' limits: a webhook whole or not at all, before anything is committed. */
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
  }
  return verdicts.map((one) => refused.get(one) ?? one);
}

const isAccepted = (verdict: Verdict): verdict is Accepted => typeof verdict === 'object' && 'events' in verdict;
const isLimited = (verdict: Verdict): verdict is Limited => typeof verdict === 'object' && 'retryAfterMs' in verdict;

/** Stores what was accepted, all of it in one group, and says what each webhook is answered. */
async function store(deps: AcceptDeps, verdicts: readonly Verdict[]): Promise<number[]> {
  const webhooks: OutgoingEvent[][] = [];
  for (const verdict of verdicts) {
    if (isAccepted(verdict) && verdict.events.length > 0) webhooks.push(verdict.events);
  }
  const failures = webhooks.length === 0 ? [] : await storeGroup(deps, webhooks);
  let next = 0;
  return verdicts.map((verdict) => {
    if (typeof verdict === 'number') return verdict;
    if (isLimited(verdict)) return 429;
    const failure = verdict.events.length > 0 ? failures[next++]! : null;
    if (failure !== null) return unstored(deps, failure);
    if (verdict.ignored.length > 0) countIgnored(deps, verdict.ignored);
    return 200;
  });
}

function storeGroup(deps: AcceptDeps, webhooks: OutgoingEvent[][]): Promise<unknown[]> {
  return deps.group.add(webhooks).catch((error: unknown) => webhooks.map(() => error));
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
