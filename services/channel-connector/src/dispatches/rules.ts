import { type EventData, type messageStatus, UNCERTAIN as UNCERTAIN_CODE } from '@recado/contracts';
import type { Delivered } from '@recado/messaging';
import type { WantedFile } from '../provider-files/store.ts';
import { type ErrorTable, findError, readableError } from '../providers/errors.ts';
import type { Outcome, Refusal } from '../providers/provider.ts';
import type { Proof } from './store.ts';

/** What becomes of a dispatch after a try. */
export type Decision =
  | { state: 'sent'; providerMessageId: string }
  | { state: 'failed'; code: string; message: string; channel?: ChannelEffect }
  /** Wait, then try again: nothing went out. `slowChannel`: all messages of the number wait. */
  | {
      state: 'queued';
      pauseMs: number;
      refused: boolean;
      code: string;
      message: string;
      slowChannel: boolean;
      /** Files that must be at the provider first. Then it counts as no try. */
      wanted?: readonly WantedFile[];
    }
  /** The message may have gone out; it is never sent again. */
  | { state: 'uncertain'; reason: string };

/** What a refusal says of the whole number. */
export interface ChannelEffect {
  reason: string;
  /** Milliseconds nothing is sent. */
  blockMs: number;
}

export interface TryFacts {
  /** Refusals before this try. */
  refusals: number;
  /**
   * Tries before this one that never reached the provider do not count as refusals; this counts
   * all.
   */
  attempts: number;
  /** Milliseconds since it was requested. */
  ageMs: number;
}

export interface RetryLimits {
  maxTries: number;
  maxAgeMs: number;
  /** The first pause, in milliseconds. */
  backoffMs: number;
}

const MAX_PAUSE_MS = 5 * 60_000;
const MAX_PAIR_PAUSE_MS = 3600_000;
/** A stopped number is not tried for a while: trying on makes restrictions longer. */
const STOP_MS = 15 * 60_000;
/** A bad token fails at once and harms nothing; a person may replace it any minute. */
const CREDENTIALS_MS = 60_000;

/**
 * Decides what a try's outcome means. Only what surely did not go out is tried again.
 * @param random in [0, 1), for jitter
 */
export function decide(
  outcome: Outcome<string>,
  errors: ErrorTable,
  facts: TryFacts,
  limits: RetryLimits,
  random: number,
): Decision {
  switch (outcome.kind) {
    case 'ok':
      return { state: 'sent', providerMessageId: outcome.value };
    case 'lost':
      return { state: 'uncertain', reason: outcome.reason };
    case 'not-sent': {
      // No fault of the message: it may wait as long as it makes sense at all.
      const failure = { code: 'unreachable', message: `WhatsApp could not be reached (${outcome.reason})` };
      if (facts.ageMs >= limits.maxAgeMs) return { state: 'failed', ...failure };
      return {
        state: 'queued',
        refused: false,
        slowChannel: false,
        ...failure,
        pauseMs: pause(limits, facts.attempts, random),
      };
    }
    case 'denied': {
      const failure = {
        code: `http_${outcome.httpStatus}`,
        message: `WhatsApp answered with HTTP ${outcome.httpStatus}`,
      };
      return outcome.httpStatus === 429 ? retry(failure, facts, limits, random) : { state: 'failed', ...failure };
    }
    case 'refused':
      return decideRefusal(outcome.refusal, errors, facts, limits, random);
  }
}

/** False when a provider does not do its work: no answer, or one that asks to come back later. */
export function isAnswer(outcome: Outcome<string>, errors: ErrorTable): boolean {
  if (outcome.kind === 'refused') return kindOf(outcome.refusal, errors) !== 'retry';
  return outcome.kind === 'ok' || outcome.kind === 'denied';
}

const kindOf = ({ code, otherwise }: Refusal, errors: ErrorTable) => findError(errors, code)?.kind ?? otherwise;

function decideRefusal(
  refusal: Refusal,
  errors: ErrorTable,
  facts: TryFacts,
  limits: RetryLimits,
  random: number,
): Decision {
  const failure = readableError(errors, refusal.code, refusal.said);
  switch (kindOf(refusal, errors)) {
    case 'retry':
      return retry(failure, facts, limits, random);
    case 'throttled': {
      const again = retry(failure, facts, limits, random);
      return again.state === 'queued' ? { ...again, slowChannel: true } : again;
    }
    case 'pair': {
      const pauseMs = Math.min(1000 * 4 ** (facts.refusals + 1), MAX_PAIR_PAUSE_MS) * (1 + random * 0.1);
      const again = retry(failure, facts, limits, random);
      return again.state === 'queued' ? { ...again, pauseMs } : again;
    }
    case 'stop':
      return { state: 'failed', ...failure, channel: { reason: failure.message, blockMs: STOP_MS } };
    case 'credentials':
      return { state: 'failed', ...failure, channel: { reason: failure.message, blockMs: CREDENTIALS_MS } };
    default:
      return { state: 'failed', ...failure };
  }
}

function retry(
  failure: { code: string; message: string },
  facts: TryFacts,
  limits: RetryLimits,
  random: number,
): Decision {
  const spent = facts.refusals + 1 >= limits.maxTries || facts.ageMs >= limits.maxAgeMs;
  if (spent) return { state: 'failed', ...failure };
  return {
    state: 'queued',
    refused: true,
    slowChannel: false,
    ...failure,
    pauseMs: pause(limits, facts.refusals, random),
  };
}

/**
 * Doubling pauses with jitter of half: after an outage the copies must not come back all at once.
 */
function pause({ backoffMs }: RetryLimits, tries: number, random: number): number {
  return Math.round(Math.min(backoffMs * 2 ** Math.min(tries, 20), MAX_PAUSE_MS) * (0.5 + random * 0.5));
}

/** Code and text of a message with an unknown outcome: shown to an agent, who may know it. */
export const UNCERTAIN = {
  code: UNCERTAIN_CODE,
  message:
    'WhatsApp did not confirm this message: it may or may not have been delivered. It was not sent a second time',
};

type Status = EventData<typeof messageStatus>;

/** `delivered` and `read` prove more than a failure that came before them, `sent` less. */
const STRENGTH: Record<Status['status'], number> = { sent: 0, failed: 1, delivered: 2, read: 3 };

/**
 * Of the provider's words about our messages, the one that counts for each. Our own results are
 * nothing new.
 */
export function strongestProofs(events: readonly Pick<Delivered<Status>, 'tenantId' | 'data'>[]): Proof[] {
  const proofs = new Map<string, Proof>();
  for (const { tenantId, data } of events) {
    const { messageId, status, providerMessageId, error } = data;
    if (data.source !== 'webhook' || messageId === null) continue;
    const known = proofs.get(`${tenantId} ${messageId}`);
    if (known && STRENGTH[known.status] >= STRENGTH[status]) continue;
    proofs.set(`${tenantId} ${messageId}`, {
      tenantId,
      messageId,
      providerMessageId: providerMessageId ?? known?.providerMessageId ?? null,
      status,
      errorCode: error?.code ?? null,
      errorMessage: error?.message ?? null,
    });
  }
  return [...proofs.values()];
}
