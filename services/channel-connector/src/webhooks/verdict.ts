import type { OutgoingEvent } from '@recado/messaging';
import { isSamePhone } from '@recado/service-kit/phone';
import type { KnownChannel } from '../channels/directory.ts';
import type { LinkCode } from '../providers/linking.ts';
import type { WebhookContent } from '../providers/provider.ts';
import { eventsOf, reportEvent } from './events.ts';
import { withGroups } from './groups.ts';
import type { InboundCost } from './inbound-limits.ts';

/**
 * What a webhook comes to: the status of its refusal, that its number is limited, or what is to be
 * stored of it.
 */
export type Verdict = number | Limited | Accepted;

/** 429 */
export interface Limited {
  retryAfterMs: number;
}

export interface Accepted {
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

/** What the frames of one request share. */
export interface Round {
  now: Date;
  trace: string | undefined;
  deferUnknown: boolean;
}

export const isAccepted = (verdict: Verdict): verdict is Accepted => typeof verdict === 'object' && 'events' in verdict;
export const isLimited = (verdict: Verdict): verdict is Limited =>
  typeof verdict === 'object' && 'retryAfterMs' in verdict;

/** The events of the news whose channel is proved; the others are named as left out. */
export function accepted(
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
