/** Pace of a number: tokens come at `perMs`, at most `capacity` wait. */
export interface Rate {
  perMs: number;
  capacity: number;
}

/** Meta's default for a number, both directions together. */
const META_PER_SECOND = 80;

/** The pace of a channel; `ratePerMinute` null is the provider's default. A second's worth may go in a burst. */
export function rateOf(ratePerMinute: number | null): Rate {
  const perSecond = ratePerMinute === null ? META_PER_SECOND : ratePerMinute / 60;
  return { perMs: perSecond / 1000, capacity: Math.max(1, Math.floor(perSecond)) };
}

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

/** Takes up to `wanted` tokens (a negative number gives back). The Lua script in pace.ts does the same in Redis. */
export function take(bucket: Bucket | null, rate: Rate, wanted: number, now: number): { bucket: Bucket; grant: Grant } {
  const before = bucket ?? { tokens: rate.capacity, at: now };
  const elapsed = Math.max(0, now - before.at);
  const tokens = Math.min(rate.capacity, before.tokens + elapsed * rate.perMs);
  const granted = wanted < 0 ? wanted : Math.max(0, Math.min(wanted, Math.floor(tokens)));
  const left = Math.min(rate.capacity, tokens - granted);
  const waitMs = left >= 1 ? 0 : Math.ceil((1 - left) / rate.perMs);
  return { bucket: { tokens: left, at: now }, grant: { granted, waitMs } };
}
