/** Pace of a number: tokens come at `perMs`, at most `capacity` wait. */
export interface Rate {
  perMs: number;
  capacity: number;
}

/** Of a channel that is gone: its messages fail without a call. */
const UNKNOWN_PER_SECOND = 80;

/** What decides on the pace of a channel. */
export interface Paced {
  /** Null is the provider's default. */
  ratePerMinute: number | null;
  provider: { capabilities: { messagesPerSecond: number } };
}

/**
 * What a number that rested may send in a burst: a quarter of a second's worth. With more the
 * provider would count too many in its second; with less a short stall of ours would cost pace.
 */
const BURST_SECONDS = 0.25;

/** The pace of a channel, null for one that is not known. */
export function rateOf(channel: Paced | null | undefined): Rate {
  const perSecond = channel ? perSecondOf(channel) : UNKNOWN_PER_SECOND;
  return { perMs: perSecond / 1000, capacity: Math.max(1, Math.floor(perSecond * BURST_SECONDS)) };
}

const perSecondOf = ({ ratePerMinute, provider }: Paced) =>
  ratePerMinute === null ? provider.capabilities.messagesPerSecond : ratePerMinute / 60;

/** The pace towards one customer. @param factor makes it so many times faster */
export const rateOfRecipient = ({ burst, everyMs }: { burst: number; everyMs: number }, factor: number): Rate => ({
  perMs: factor / everyMs,
  capacity: Math.max(1, Math.floor(burst * factor)),
});

export interface Grant {
  granted: number;
  /** Milliseconds until the next token when fewer were granted than wanted. */
  waitMs: number;
}

export interface Bucket {
  tokens: number;
  /** Milliseconds, any steady clock. */
  at: number;
}

/** How long a number rests whose provider said that it is too fast. */
export const SLOW_MS = 1000;

/** Lets nothing through for a second. Many refusals at once are worth one. */
export function slow(bucket: Bucket | null, rate: Rate, now: number): Bucket {
  const { bucket: current } = take(bucket, rate, 0, now);
  return { ...current, tokens: Math.min(current.tokens, 1 - rate.perMs * SLOW_MS) };
}

/**
 * Takes up to `wanted` tokens (a negative number gives back). The Lua script in pace.ts does the
 * same in Redis.
 */
export function take(bucket: Bucket | null, rate: Rate, wanted: number, now: number): { bucket: Bucket; grant: Grant } {
  const before = bucket ?? { tokens: rate.capacity, at: now };
  const elapsed = Math.max(0, now - before.at);
  const tokens = Math.min(rate.capacity, before.tokens + elapsed * rate.perMs);
  const granted = wanted < 0 ? wanted : Math.max(0, Math.min(wanted, Math.floor(tokens)));
  const left = Math.min(rate.capacity, tokens - granted);
  const waitMs = left >= 1 ? 0 : Math.ceil((1 - left) / rate.perMs);
  return { bucket: { tokens: left, at: now }, grant: { granted, waitMs } };
}
