import { PLANS, type PlanName } from '@recado/contracts';

/** The four windows a tenant's requests are counted in, shortest first. */
export const WINDOWS = ['minute', 'hour', 'day', 'month'] as const;
export type WindowName = (typeof WINDOWS)[number];
export type Windows = Record<WindowName, number>;

/** One thing counted: how many there may be, how many there were, and when it starts again. */
export interface Counter {
  name: WindowName | 'user' | 'address';
  limit: number;
  count: number;
  /** Unix seconds. */
  resetAt: number;
}

/** What a plan allows here; `factor` is the installation's. */
export function windowsOf(plan: PlanName, factor: number): Windows {
  const { minute, hour, day, month } = PLANS[plan].requests;
  return {
    minute: scaled(minute, factor),
    hour: scaled(hour, factor),
    day: scaled(day, factor),
    month: scaled(month, factor),
  };
}

/** A limit under the installation's factor: whole, and never none at all. */
export const scaled = (limit: number, factor: number): number => Math.max(1, Math.round(limit * factor));

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/**
 * Unix seconds at which the month before `now`'s, its own, the next and the one after begin, in
 * UTC.
 */
export function monthStarts(now: number): [number, number, number, number] {
  const date = new Date(now * 1000);
  const at = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1) / 1000;
  return [at(-1), at(0), at(1), at(2)];
}

/** Calendar windows in UTC: where those that hold `now` begin and end, in Unix seconds. */
export function spansAt(now: number): { start: number; end: number }[] {
  const [, start, end] = monthStarts(now);
  return [...[MINUTE, HOUR, DAY].map((length) => span(now, length)), { start, end }];
}

function span(now: number, length: number): { start: number; end: number } {
  const start = now - (now % length);
  return { start, end: start + length };
}

const left = ({ limit, count }: Counter) => Math.max(0, limit - count);

/**
 * The counter a client should mind: the one with the least left; of several with as little, the one
 * that starts again last. So after a 429 it is the one to wait for.
 */
export function tightest(counters: readonly Counter[]): Counter {
  return counters.reduce((a, b) => {
    const difference = left(b) - left(a);
    return difference < 0 || (difference === 0 && b.resetAt > a.resetAt) ? b : a;
  });
}

/** The headers of every answer to an authenticated caller. */
export function limitHeaders(counters: readonly Counter[]): Record<string, string> {
  const counter = tightest(counters);
  return {
    'x-ratelimit-limit': String(counter.limit),
    'x-ratelimit-remaining': String(left(counter)),
    'x-ratelimit-reset': String(counter.resetAt),
  };
}
