import type { KnownChannel } from '../channels/directory.ts';
import type { OutboundMessage } from '../providers/provider.ts';
import { type Decision, decide, isAnswer, type RetryLimits } from './rules.ts';
import type { ClaimedDispatch } from './store.ts';

/** What became of a try. */
export interface Attempted {
  decision: Decision;
  /** Whether the provider does its work; null: it was not asked. */
  answered: boolean | null;
}

/**
 * Sends one claimed message, or decides without the network that it can't be sent. Never rejects.
 */
export async function attempt(
  channel: KnownChannel | null,
  row: ClaimedDispatch,
  limits: RetryLimits,
  now: () => Date,
): Promise<Attempted> {
  const refusal = refuse(channel, row, limits, now());
  if (refusal) return { decision: refusal, answered: null };
  const { provider } = channel!;
  const outcome = await provider.send(channel!, messageOf(row));
  const facts = { attempts: row.attempts - 1, refusals: row.refusals, ageMs: ageOf(row, now()) };
  return {
    decision: decide(outcome, provider.errors, facts, limits, Math.random()),
    answered: isAnswer(outcome, provider.errors),
  };
}

const messageOf = ({ messageId, recipient, content, body, about }: ClaimedDispatch): OutboundMessage => ({
  messageId,
  recipient,
  content: content ?? { kind: 'text', body },
  about,
});

/** What stands in the way before anything goes out; null when nothing does. */
export function refuse(
  channel: KnownChannel | null,
  row: ClaimedDispatch,
  limits: RetryLimits,
  now: Date,
): Extract<Decision, { state: 'failed' }> | null {
  const fail = (code: string, message: string) => ({ state: 'failed' as const, code, message });
  if (!channel || channel.tenantId !== row.tenantId)
    return fail('channel_not_found', 'The number is no longer connected');
  if (!channel.proven) return fail('channel_not_connected', channel.lastError ?? 'The number is not connected');
  if (channel.blockedUntil > now.getTime()) {
    return fail('channel_not_connected', channel.lastError ?? 'WhatsApp does not let this number send for now');
  }
  const { waId, phone, userId, group } = row.recipient;
  if (!waId && !phone && !userId && !group) return fail('no_recipient', 'The customer has no address to send to');
  const { kinds, groupKinds = kinds } = channel.provider.capabilities;
  if (!kinds.includes(row.type)) return fail('unsupported_type', `Messages of type ${row.type} can't be sent`);
  if (group && !groupKinds.includes(row.type))
    return fail('unsupported_type', `Messages of type ${row.type} can't be sent to a group`);
  // Fails messages older than maxAge instead of sending them late.
  if (ageOf(row, now) >= limits.maxAgeMs) return fail('expired', 'The message waited too long to be sent');
  return null;
}

function ageOf(row: ClaimedDispatch, now: Date): number {
  return now.getTime() - row.requestedAt.getTime();
}
