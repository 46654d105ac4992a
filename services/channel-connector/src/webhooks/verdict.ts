import type { OutgoingEvent } from '@recado/messaging';
import type { KnownChannel } from '../channels/directory.ts';
import type { LinkCode } from '../providers/linking.ts';
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

export const isAccepted = (verdict: Verdict): verdict is Accepted => typeof verdict === 'object' && 'events' in verdict;
export const isLimited = (verdict: Verdict): verdict is Limited =>
  typeof verdict === 'object' && 'retryAfterMs' in verdict;
