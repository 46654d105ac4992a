import { CHANNEL_REASONS, type Channel, channelReason } from '@recado/contracts';
import { isSamePhone } from '@recado/service-kit/phone';
import type { LinkCode, LinkedPhone, LinkState } from '../../providers/linking.ts';
import type { LinkOrder } from '../../schema.ts';

/** What is known of a link before the provider is asked. */
export interface LinkFacts {
  status: Channel['status'];
  reason: string | null;
  /** E.164: the number's own, once it is known. */
  phone: string | null;
  /** Milliseconds since a person began to link; null when the link worked, or ended, since. */
  begunMs: number | null;
  /** Looks and tries in a row that brought nothing. */
  tries: number;
  /** The question was a `begin`. */
  beginning: boolean;
  /** One is shown, or was told while the attempt began. */
  hasCode: boolean;
}

/** What follows from the provider's answer. */
export interface LinkStep {
  status: Channel['status'];
  reason: string | null;
  /** `keep`: the one that is shown goes on. */
  code: LinkCode | 'keep' | null;
  phone: LinkedPhone | null;
  /** The attempt of a person goes on. */
  begun: boolean;
  tries: number;
  order: Extract<LinkOrder, 'begin' | 'stop' | 'unlink'> | null;
  /** Milliseconds until the order or the next look; null leaves it to the sweeps. */
  dueInMs: number | null;
}

/** Time a person has to scan, over all codes that replace each other. */
export const LINK_MS = 5 * 60_000;
/** Milliseconds between looks at an attempt. */
const LOOK_MS = 1000;
/** Looks at an attempt that may find nothing under way: a browser starts, or a scan restarts it. */
const EMPTY_LOOKS = 2;
/** Tries to bring a lost link back, at most 25 minutes in all. Then a look each minute. */
export const RESUMES = 8;

export const NOT_LINKED = CHANNEL_REASONS.not_linked;
export const LOGGED_OUT = CHANNEL_REASONS.logged_out;
const LOST_FOR_LONG = CHANNEL_REASONS.lost_for_long;
export const LOST = CHANNEL_REASONS.lost;

/** Milliseconds before the next try of something that did not work: doubling, at most 5 minutes. */
export const linkPause = (tries: number): number => Math.min(5 * 60_000, 5000 * 2 ** Math.min(tries, 10));

/** What a channel's link becomes. Null: nothing is known, a working number stays as it is. */
export function nextLink(facts: LinkFacts, state: LinkState): LinkStep | null {
  const { begunMs, tries } = facts;
  const attempt = begunMs !== null;
  if (state.kind === 'linked' && isOther(facts, state.phone)) return refuseOther(facts, state.phone);
  if (attempt && begunMs > LINK_MS && state.kind !== 'linked' && state.kind !== 'refused') return end(NOT_LINKED);
  switch (state.kind) {
    case 'linked':
      return { ...still('connected', null), phone: state.phone };
    case 'refused':
      return still('error', state.reason);
    case 'code':
      if (!attempt) return loggedOut(facts);
      return { ...still('qr', null), begun: true, code: state.code, dueInMs: state.code.lifeMs };
    case 'pending':
      return attempt ? pending(facts.hasCode, state.keepsCode === true) : lost(facts, LOST);
    case 'closed':
      if (!attempt) return lost(facts, state.reason, state.resumable);
      if (tries >= EMPTY_LOOKS) return { ...end(NOT_LINKED), order: null, dueInMs: null };
      return { ...still('connecting', null), begun: true, tries: tries + 1, dueInMs: LOOK_MS };
    case 'unreachable':
      return unreachable(facts, state.reason);
  }
}

const isOther = ({ phone: own }: LinkFacts, { phone }: LinkedPhone): boolean =>
  own !== null && phone !== null && !isSamePhone(own, phone);

/**
 * Another phone than the number's would mix two numbers' chats. One that scanned our code is logged
 * out; one that was there before is left alone.
 */
function refuseOther({ phone: own, begunMs, beginning, hasCode }: LinkFacts, { phone }: LinkedPhone): LinkStep {
  const reason = channelReason('other_phone', { phone: `${phone}`, own: `${own}` });
  const scanned = begunMs !== null && (!beginning || hasCode);
  return { ...still('disconnected', reason), order: scanned ? 'unlink' : null, dueInMs: scanned ? 0 : null };
}

const still = (status: Channel['status'], reason: string | null): LinkStep => ({
  status,
  reason,
  code: null,
  phone: null,
  begun: false,
  tries: 0,
  order: null,
  dueInMs: null,
});

/** An expired code is no outage: the number waits for a person. */
const end = (reason: string): LinkStep => ({ ...still('disconnected', reason), order: 'stop', dueInMs: 0 });

/** A code that no person asked for. The ones of our own try would go on without end. */
function loggedOut({ status }: LinkFacts): LinkStep {
  const ours = status === 'connecting';
  return { ...still('error', LOGGED_OUT), order: ours ? 'stop' : null, dueInMs: ours ? 0 : null };
}

function pending(hasCode: boolean, keepsCode: boolean): LinkStep {
  return {
    ...still(hasCode && keepsCode ? 'qr' : 'connecting', null),
    code: keepsCode ? 'keep' : null,
    begun: true,
    dueInMs: LOOK_MS,
  };
}

/** Of a number that worked. One that was given up is left to the sweep. */
function lost({ status, tries }: LinkFacts, reason: string, resumable = false): LinkStep {
  const given = reason === LOST ? LOST_FOR_LONG : reason;
  const restored = reason === LOST || resumable;
  if (status === 'error' || !restored || tries >= RESUMES) return still('error', given);
  return {
    ...still('connecting', LOST),
    tries: tries + 1,
    order: resumable ? 'begin' : null,
    dueInMs: linkPause(tries),
  };
}

function unreachable({ status, begunMs, tries, beginning }: LinkFacts, reason: string): LinkStep | null {
  if (status === 'connected') return null;
  const attempt = begunMs !== null;
  if (!attempt && tries >= RESUMES) return still('error', reason);
  return {
    ...still(status === 'error' ? 'error' : 'connecting', reason),
    begun: attempt,
    tries: tries + 1,
    order: beginning ? 'begin' : null,
    dueInMs: status === 'error' && !beginning ? null : linkPause(tries),
  };
}
