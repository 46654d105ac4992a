import type { AiConfig } from '@recado/contracts';
import { DateTime } from 'luxon';

type Usage = AiConfig['usage'];

/** The calendar day of a moment in a zone, and its month's first: `2025-05-26`, `2025-05-01`. */
export function dayOf(at: Date, zone: string): { day: string; monthStart: string } {
  const local = DateTime.fromJSDate(at, { zone });
  return { day: local.toFormat('yyyy-MM-dd'), monthStart: local.toFormat('yyyy-MM-01') };
}

/** Whether nothing is left to spend. A limit of 0 allows nothing. */
export function isSpent(usage: Usage, limits: AiConfig['limits']): boolean {
  return usage.tokensToday >= limits.maxTokensPerDay || usage.tokensThisMonth >= limits.maxTokensPerMonth;
}

/** Seconds until a spent budget is open again: the next day, or the next month when that is what is spent. */
export function secondsUntilRefill(usage: Usage, limits: AiConfig['limits'], at: Date, zone: string): number {
  const local = DateTime.fromJSDate(at, { zone });
  const unit = usage.tokensThisMonth >= limits.maxTokensPerMonth ? 'month' : 'day';
  const opens = local.startOf(unit).plus({ [unit]: 1 });
  return Math.max(1, Math.ceil(opens.diff(local).as('seconds')));
}
