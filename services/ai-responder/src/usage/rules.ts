import { type AiConfig, PLANS, type PlanName } from '@recado/contracts';
import { DateTime } from 'luxon';

type Usage = AiConfig['usage'];
type Limits = AiConfig['limits'];

/** The calendar day of a moment in a zone, and its month's first: `2025-05-26`, `2025-05-01`. */
export function dayOf(at: Date, zone: string): { day: string; monthStart: string } {
  const local = DateTime.fromJSDate(at, { zone });
  return { day: local.toFormat('yyyy-MM-dd'), monthStart: local.toFormat('yyyy-MM-01') };
}

/** A plan's token budget; Infinity where the plan has no limit. */
export function planLimits(plan: PlanName): Limits {
  const { tokensPerDay, tokensPerMonth } = PLANS[plan].ai;
  return {
    maxTokensPerDay: tokensPerDay ?? Number.POSITIVE_INFINITY,
    maxTokensPerMonth: tokensPerMonth ?? Number.POSITIVE_INFINITY,
  };
}

/** What a tenant may spend: its own limits, and never more than its plan's. */
export function budgetOf(limits: Limits, plan: PlanName): Limits {
  const most = planLimits(plan);
  return {
    maxTokensPerDay: Math.min(limits.maxTokensPerDay, most.maxTokensPerDay),
    maxTokensPerMonth: Math.min(limits.maxTokensPerMonth, most.maxTokensPerMonth),
  };
}

/** Whether nothing is left to spend. A limit of 0 allows nothing. */
export function isSpent(usage: Usage, limits: Limits): boolean {
  return usage.tokensToday >= limits.maxTokensPerDay || usage.tokensThisMonth >= limits.maxTokensPerMonth;
}

/**
 * Seconds until a spent budget is open again: the next day, or the next month when that is what is
 * spent.
 */
export function secondsUntilRefill(usage: Usage, limits: Limits, at: Date, zone: string): number {
  const local = DateTime.fromJSDate(at, { zone });
  const unit = usage.tokensThisMonth >= limits.maxTokensPerMonth ? 'month' : 'day';
  const opens = local.startOf(unit).plus({ [unit]: 1 });
  return Math.max(1, Math.ceil(opens.diff(local).as('seconds')));
}
