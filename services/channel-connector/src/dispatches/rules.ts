import { UNCERTAIN as UNCERTAIN_CODE } from '@recado/contracts';
import { readableError, refusalKind } from '../providers/meta/errors.ts';
import type { GraphOutcome } from '../providers/meta/graph-client.ts';

/** What becomes of a dispatch after a try. */
export type Decision =
  | { state: 'sent'; providerMessageId: string }
  | { state: 'failed'; code: string; message: string; channel?: ChannelEffect }
  /** Wait, then try again: nothing went out. */
  | { state: 'queued'; pauseMs: number; refused: boolean; code: string; message: string; slowChannel: boolean }
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
  /** Tries before this one that never reached the provider do not count as refusals; this counts all. */
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
/** A stopped number is not tried for a while: trying on makes Meta's restrictions longer. */
const STOP_MS = 15 * 60_000;
/** A bad token fails at once and harms nothing; a person may replace it any minute. */
const CREDENTIALS_MS = 60_000;

/**
 * Decides what a try's outcome means. Only what surely did not go out is tried again.
 * @param random in [0, 1), for jitter
 */
export function decide(outcome: GraphOutcome<string>, facts: TryFacts, limits: RetryLimits, random: number): Decision {
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
      return decideRefusal(outcome.error, facts, limits, random);
  }
}

function decideRefusal(
  error: { code: number; said: string | null; httpStatus: number; transient: boolean },
  facts: TryFacts,
  limits: RetryLimits,
  random: number,
): Decision {
  const failure = readableError(error.code, error.said);
  switch (refusalKind(error.code, error.httpStatus, error.transient)) {
    case 'retry':
      return retry(failure, facts, limits, random);
    case 'pair': {
      // Meta asks for 4^n seconds.
      const pauseMs = Math.min(1000 * 4 ** (facts.refusals + 1), MAX_PAIR_PAUSE_MS) * (1 + random * 0.1);
      const again = retry(failure, facts, limits, random);
      return again.state === 'queued' ? { ...again, pauseMs, slowChannel: false } : again;
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
    // The number's own limit: everybody on it waits, not this message alone.
    slowChannel: failure.code === '130429' || failure.code === '80007' || failure.code === '4',
    ...failure,
    pauseMs: pause(limits, facts.refusals, random),
  };
}

/** Doubling pauses with jitter of half: after an outage the copies must not come back all at once. */
function pause({ backoffMs }: RetryLimits, tries: number, random: number): number {
  return Math.round(Math.min(backoffMs * 2 ** Math.min(tries, 20), MAX_PAUSE_MS) * (0.5 + random * 0.5));
}

/** Code and text of a message whose fate stayed unknown: shown to a person, who may know. */
export const UNCERTAIN = {
  code: UNCERTAIN_CODE,
  message:
    'WhatsApp did not confirm this message: it may or may not have been delivered. It was not sent a second time',
};
