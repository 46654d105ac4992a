import type { WebhookFrame } from '@recado/contracts';
import { isConnectionError } from '@recado/database';
import type { OutgoingEvent } from '@recado/messaging';
import { Unavailable } from '@recado/service-kit';
import type { ChannelKey, KnownChannel } from '../channels/directory.ts';
import type { Deps } from '../deps.ts';
import { parseForeignJson } from './clean.ts';
import { eventsOf } from './events.ts';
import { type MetaPayload, phoneNumberIdsOf, readMetaPayload } from './meta-payload.ts';
import { verifySignature } from './signature.ts';
import type { StoreGroup } from './store-group.ts';

export type AcceptDeps = Pick<Deps, 'directory' | 'log' | 'metrics' | 'now' | 'totals'> & { group: StoreGroup };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What a webhook comes to: the status of its refusal, or what is to be stored of it. */
type Verdict = number | Accepted;

interface Accepted {
  events: OutgoingEvent[];
  /** What was left out on purpose, by name. */
  ignored: string[];
}

/** Accepts webhooks; resolves with one HTTP status per frame, when what is answered 200 is committed. Never rejects. */
export async function acceptFrames(deps: AcceptDeps, frames: WebhookFrame[], traceparent?: string): Promise<number[]> {
  const now = deps.now();
  // Nearly every channel is remembered: then nothing here waits, and a hundred webhooks cost one turn.
  const judged = frames.map((frame) => judge(deps, frame, now, traceparent));
  const verdicts = judged.some((one) => one instanceof Promise) ? await Promise.all(judged) : (judged as Verdict[]);
  const statuses = await store(deps, verdicts);
  countStatuses(deps, statuses);
  return statuses;
}

/** What a webhook comes to; a promise only when its channel has to be asked for. Never throws. */
function judge(deps: AcceptDeps, frame: WebhookFrame, now: Date, trace?: string): Verdict | Promise<Verdict> {
  try {
    const verdict =
      frame.channelId === null
        ? judgeUnaddressed(deps, frame, now, trace)
        : judgeAddressed(deps, frame, frame.channelId.toLowerCase(), now, trace);
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
function judgeAddressed(deps: AcceptDeps, frame: WebhookFrame, id: string, now: Date, trace?: string) {
  if (!UUID.test(id)) return 404;
  const judged = (channel: KnownChannel | null): Verdict => {
    if (!channel?.proven) return 404;
    if (!signed(channel, frame)) return refuseSignature(deps, channel.id);
    const payload = parse(frame.body, now);
    if (!payload) return 400;
    // Another number's change under this channel's secret: to store it here would be wrong, there unproved.
    return accepted(payload, (number) => (number === channel.phoneNumberId ? channel : undefined), now, trace);
  };
  const channel = lookup(deps, `id:${id}`);
  return channel instanceof Promise ? channel.then(judged) : judged(channel);
}

/** One webhook for a whole app: each change finds its channel by its number, and each channel's secret must have signed. */
async function judgeUnaddressed(deps: AcceptDeps, frame: WebhookFrame, now: Date, trace?: string): Promise<Verdict> {
  const payload = parse(frame.body, now);
  if (!payload) return 400;
  const channels = new Map<string, KnownChannel>();
  for (const number of phoneNumberIdsOf(payload)) {
    const channel = await lookup(deps, `pn:${number}`);
    if (channel) channels.set(number, channel);
  }
  if (channels.size === 0) return 404;
  const verified = new Map<string, KnownChannel>();
  for (const [number, channel] of channels) if (signed(channel, frame)) verified.set(number, channel);
  if (verified.size === 0) return refuseSignature(deps, channels.values().next().value!.id);
  return accepted(payload, (number) => verified.get(number), now, trace);
}

/** The events of the changes whose channel is proved; the others are named as left out. */
function accepted(
  { changes, ignored }: MetaPayload,
  channelOf: (phoneNumberId: string) => KnownChannel | undefined,
  now: Date,
  trace?: string,
): Accepted {
  const events: OutgoingEvent[] = [];
  for (const change of changes) {
    const channel = channelOf(change.phoneNumberId);
    if (channel) for (const event of eventsOf(channel, change, now, trace)) events.push(event);
    else ignored.push('other_number');
  }
  return { events, ignored };
}

function lookup(deps: AcceptDeps, key: ChannelKey): Promise<KnownChannel | null> | KnownChannel | null {
  const remembered = deps.directory.peek(key);
  return remembered === undefined ? deps.directory.find(key) : remembered;
}

function signed(channel: KnownChannel, frame: WebhookFrame): boolean {
  return channel.signingKey !== null && verifySignature(channel.signingKey, frame.body, frame.signature);
}

function refuseSignature(deps: AcceptDeps, channelId: string): 401 {
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

/** Stores what was accepted, all of it in one group, and says what each webhook is answered. */
async function store(deps: AcceptDeps, verdicts: readonly Verdict[]): Promise<number[]> {
  const webhooks: OutgoingEvent[][] = [];
  for (const verdict of verdicts) {
    if (typeof verdict !== 'number' && verdict.events.length > 0) webhooks.push(verdict.events);
  }
  const failures = webhooks.length === 0 ? [] : await storeGroup(deps, webhooks);
  let next = 0;
  return verdicts.map((verdict) => {
    if (typeof verdict === 'number') return verdict;
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
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  for (const [status, count] of counts) metrics.webhooks.inc({ status }, count);
}
