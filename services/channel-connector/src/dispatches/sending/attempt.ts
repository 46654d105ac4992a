import type { OutboundContent } from '@recado/contracts';
import type { KnownChannel } from '../../channels/directory.ts';
import { type Brought, bringFiles } from '../../provider-files/bring.ts';
import { forgetBrought, WAITS_FOR_FILE, type WantedFile } from '../../provider-files/store.ts';
import { deadlineOf } from '../../providers/outbound-file.ts';
import type { Outcome } from '../../providers/provider.ts';
import { type Decision, decide, isAnswer, type RetryLimits } from '../rules.ts';
import { type ClaimedDispatch, extendLease } from '../store.ts';
import type { Sending } from './sending.ts';

/** What became of a try. */
export interface Attempted {
  decision: Decision;
  /** Whether the provider does its work; null: it was not asked. */
  answered: boolean | null;
}

/**
 * Sends one claimed message, or decides without the network that it can't be sent.
 * @throws before anything went out: its files can't be read now
 */
export async function attempt(
  sending: Sending,
  channel: KnownChannel | null,
  row: ClaimedDispatch,
): Promise<Attempted> {
  const { limits, now } = sending;
  const refusal = refuse(channel, row, limits, now());
  if (refusal) return unasked(refusal);
  const content = row.content ?? { kind: 'text', body: row.body };
  const brought = await bringFiles(sending, channel!, content);
  switch (brought.kind) {
    case 'gone':
      return unasked({ state: 'failed', code: 'file_gone', message: 'The file was erased before it was sent' });
    case 'missing':
      return waitFor(brought.wanted);
    case 'failed': {
      const tried = judge(sending, channel!, row, brought.outcome);
      if (tried.decision.state === 'queued') await forget(sending, channel!, brought.fileIds);
      return tried;
    }
    case 'ready':
      return sendWith(sending, channel!, row, content, brought);
  }
}

/** Milliseconds until a message looks again for its file: the end of the upload wakes it before. */
const FILE_PAUSE_MS = 30_000;
/** An id that is younger was never good: bringing the file again would not help. */
const FRESH_MS = 60_000;

const unasked = (decision: Decision): Attempted => ({ decision, answered: null });

const waitFor = (wanted: readonly WantedFile[]): Attempted =>
  unasked({
    state: 'queued',
    pauseMs: FILE_PAUSE_MS,
    refused: false,
    slowChannel: false,
    code: WAITS_FOR_FILE,
    message: 'The file is on its way to WhatsApp',
    wanted,
  });

const judge = (
  { limits, now }: Sending,
  { provider }: KnownChannel,
  row: ClaimedDispatch,
  outcome: Outcome<string>,
): Attempted => {
  const facts = { attempts: row.attempts - 1, refusals: row.refusals, ageMs: ageOf(row, now()) };
  return {
    decision: decide(outcome, provider.errors, facts, limits, Math.random()),
    answered: isAnswer(outcome, provider.errors),
  };
};

const forget = (sending: Sending, { tenantId, id }: KnownChannel, fileIds: readonly string[]) =>
  forgetBrought(sending.workerDb.sql, tenantId, id, fileIds);

async function sendWith(
  sending: Sending,
  channel: KnownChannel,
  row: ClaimedDispatch,
  content: OutboundContent,
  { files, bytes, oldest, release }: Extract<Brought, { kind: 'ready' }>,
): Promise<Attempted> {
  const { config, workerDb, now } = sending;
  const { messageId, recipient, about } = row;
  try {
    // A large file takes longer than the lease of a message without one.
    if (bytes > 0) {
      const leaseMs = deadlineOf(config.RECADO_SEND_LEASE_MS, bytes);
      if (!(await extendLease(workerDb.sql, row, leaseMs))) throw new Error('The lease was lost');
    }
    const outcome = await channel.provider.send(channel, { messageId, recipient, content, about, files });
    const isGone = outcome.kind === 'refused' && channel.provider.uploads?.isGone(outcome.refusal) === true;
    if (isGone && oldest && now().getTime() - oldest.getTime() > FRESH_MS) {
      await forget(sending, channel, [...files.keys()]);
      const again = await bringFiles(sending, channel, content);
      if (again.kind === 'missing') return waitFor(again.wanted);
    }
    return judge(sending, channel, row, outcome);
  } finally {
    await release();
  }
}

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
