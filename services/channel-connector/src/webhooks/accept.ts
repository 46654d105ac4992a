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

/** Accepts webhooks; resolves with one HTTP status per frame, when what is answered 200 is committed. Never rejects. */
export async function acceptFrames(deps: AcceptDeps, frames: WebhookFrame[], traceparent?: string): Promise<number[]> {
  const statuses = await Promise.all(frames.map((frame) => acceptFrame(deps, frame, traceparent)));
  for (const status of statuses) deps.metrics.webhooks.inc({ status });
  return statuses;
}

async function acceptFrame(deps: AcceptDeps, frame: WebhookFrame, traceparent?: string): Promise<number> {
  try {
    const status =
      frame.channelId === null
        ? await acceptUnaddressed(deps, frame, traceparent)
        : await acceptAddressed(deps, frame, frame.channelId.toLowerCase(), traceparent);
    return status;
  } catch (err) {
    // The provider tries again; anything but 503 here would be a bug worth its stack.
    deps.log[isConnectionError(err) || err instanceof Unavailable ? 'warn' : 'error'](
      { err },
      'a webhook could not be stored',
    );
    return 503;
  }
}

/** The path names the channel: the signature is checked before a byte of the body is looked at. */
async function acceptAddressed(deps: AcceptDeps, frame: WebhookFrame, id: string, trace?: string): Promise<number> {
  if (!UUID.test(id)) return 404;
  const channel = await lookup(deps, `id:${id}`);
  if (!channel) return 404;
  if (!signed(channel, frame)) return refuseSignature(deps, channel.id);
  const now = deps.now();
  const payload = parse(frame.body, now);
  if (!payload) return 400;
  const events: OutgoingEvent[] = [];
  for (const change of payload.changes) {
    // Another number's change under this channel's secret: to store it here would be wrong, there unproved.
    if (change.phoneNumberId === channel.phoneNumberId) events.push(...eventsOf(channel, change, now, trace));
    else payload.ignored.push('other_number');
  }
  return store(deps, payload, events);
}

/** One webhook for a whole app: each change finds its channel by its number, and each channel's secret must have signed. */
async function acceptUnaddressed(deps: AcceptDeps, frame: WebhookFrame, trace?: string): Promise<number> {
  const now = deps.now();
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
  const events: OutgoingEvent[] = [];
  for (const change of payload.changes) {
    const channel = verified.get(change.phoneNumberId);
    if (channel) events.push(...eventsOf(channel, change, now, trace));
    else payload.ignored.push('other_number');
  }
  return store(deps, payload, events);
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

async function store(deps: AcceptDeps, payload: MetaPayload, events: OutgoingEvent[]): Promise<number> {
  const { metrics, log } = deps;
  if (events.length > 0) await deps.group.add(events);
  for (const name of payload.ignored) metrics.items.inc({ kind: 'ignored', name });
  if (payload.ignored.length > 0) log.debug({ ignored: payload.ignored }, 'parts of a webhook were left out');
  return 200;
}
